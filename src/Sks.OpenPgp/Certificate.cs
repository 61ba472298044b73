using System.Buffers;

namespace Sks.OpenPgp;

/// <summary>A user ID, user attribute or subkey with the signatures that follow it.</summary>
/// <param name="Packet">The component itself.</param>
/// <param name="Signatures">Its signatures, in the order they are written.</param>
public sealed record CertificateComponent(Packet Packet, IReadOnlyList<Packet> Signatures);

/// <summary>
/// A certificate as SKS holds it: a primary key and everything bound to it, in SKS's canonical order. Nothing is verified.
/// </summary>
/// <remarks>
/// Made within this assembly only, so that every instance is canonical: by <see cref="CertificateReader"/> and <see cref="CertificateMerger"/>, which
/// sort, and by what leaves packets out of another certificate and keeps the order of the rest.
/// </remarks>
public sealed class Certificate
{
    private readonly int _length;
    private SksDigest? _digest;

    internal Certificate(
        PublicKeyPacket primaryKey,
        CertificateIdentity identity,
        IReadOnlyList<Packet> directSignatures,
        IReadOnlyList<CertificateComponent> userIds,
        IReadOnlyList<CertificateComponent> subkeys)
    {
        PrimaryKey = primaryKey;
        Identity = identity;
        DirectSignatures = directSignatures;
        UserIds = userIds;
        Subkeys = subkeys;
        var measure = new Measure();
        Visit(ref measure);
        _length = measure.Length;
        PacketCount = measure.Packets;
    }

    // Visitors are structs, so that going through all packets costs no allocation.
    private interface IVisitor
    {
        void Take(in Packet packet);
    }

    /// <summary>The primary key.</summary>
    public PublicKeyPacket PrimaryKey { get; }

    /// <summary>What makes it this certificate and no other.</summary>
    public CertificateIdentity Identity { get; }

    /// <summary>Signatures on the primary key itself.</summary>
    public IReadOnlyList<Packet> DirectSignatures { get; }

    /// <summary>User IDs, then user attributes, each kind shorter before longer.</summary>
    public IReadOnlyList<CertificateComponent> UserIds { get; }

    /// <summary>Subkeys, shorter before longer.</summary>
    public IReadOnlyList<CertificateComponent> Subkeys { get; }

    /// <summary>The digest of exactly these packets.</summary>
    public SksDigest Digest => _digest ??= ComputeDigest();

    /// <summary>All packets in the order they are written.</summary>
    public IEnumerable<Packet> Packets
    {
        get
        {
            yield return new Packet(PacketTag.PublicKey, PrimaryKey.Body);
            foreach (Packet signature in DirectSignatures)
                yield return signature;
            foreach (CertificateComponent component in UserIds.Concat(Subkeys))
            {
                yield return component.Packet;
                foreach (Packet signature in component.Signatures)
                    yield return signature;
            }
        }
    }

    /// <summary>How many packets there are.</summary>
    public int PacketCount { get; }

    /// <summary>Bytes that <see cref="Write"/> needs.</summary>
    public int GetLength() => _length;

    /// <summary>Writes all packets with SKS's headers.</summary>
    /// <returns>Bytes written.</returns>
    public int Write(Span<byte> destination)
    {
        var writer = new Writer(destination);
        Visit(ref writer);
        return _length;
    }

    /// <summary>All packets with SKS's headers, in an array of their own.</summary>
    public byte[] ToArray()
    {
        byte[] bytes = GC.AllocateUninitializedArray<byte>(_length);
        Write(bytes);
        return bytes;
    }

    private static void Visit<TVisitor>(IReadOnlyList<CertificateComponent> components, ref TVisitor visitor)
        where TVisitor : IVisitor, allows ref struct
    {
        for (int i = 0; i < components.Count; i++)
        {
            visitor.Take(components[i].Packet);
            Visit(components[i].Signatures, ref visitor);
        }
    }

    private static void Visit<TVisitor>(IReadOnlyList<Packet> packets, ref TVisitor visitor)
        where TVisitor : IVisitor, allows ref struct
    {
        for (int i = 0; i < packets.Count; i++)
            visitor.Take(packets[i]);
    }

    private void Visit<TVisitor>(ref TVisitor visitor)
        where TVisitor : IVisitor, allows ref struct
    {
        visitor.Take(new Packet(PacketTag.PublicKey, PrimaryKey.Body));
        Visit(DirectSignatures, ref visitor);
        Visit(UserIds, ref visitor);
        Visit(Subkeys, ref visitor);
    }

    private SksDigest ComputeDigest()
    {
        Packet[] rented = ArrayPool<Packet>.Shared.Rent(PacketCount);
        Span<Packet> packets = rented.AsSpan(0, PacketCount);
        var collector = new Collector(packets);
        Visit(ref collector);
        SksDigest digest = SksDigest.Compute(packets);
        packets.Clear(); // the pool must not keep the certificate's memory alive
        ArrayPool<Packet>.Shared.Return(rented);
        return digest;
    }

    private struct Measure : IVisitor
    {
        public int Length { get; private set; }

        public int Packets { get; private set; }

        public void Take(in Packet packet)
        {
            Length = checked(Length + PacketWriter.GetLength(packet));
            Packets++;
        }
    }

    private ref struct Writer(Span<byte> destination) : IVisitor
    {
        private Span<byte> _rest = destination;

        public void Take(in Packet packet) => _rest = _rest[PacketWriter.Write(packet, _rest)..];
    }

    private ref struct Collector(Span<Packet> destination) : IVisitor
    {
        private Span<Packet> _rest = destination;

        public void Take(in Packet packet)
        {
            _rest[0] = packet;
            _rest = _rest[1..];
        }
    }
}
