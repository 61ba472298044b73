namespace Sks.OpenPgp;

/// <summary>A user ID, user attribute or subkey with the signatures that follow it.</summary>
/// <param name="Packet">The component itself.</param>
/// <param name="Signatures">Its signatures, in the order they are written.</param>
public sealed record CertificateComponent(Packet Packet, IReadOnlyList<Packet> Signatures);

/// <summary>A certificate as SKS holds it: a primary key and everything bound to it, in SKS's canonical order. Nothing is verified.</summary>
/// <remarks>Made by <see cref="CertificateReader"/> and <see cref="CertificateMerger"/> only, so that every instance is canonical.</remarks>
public sealed class Certificate
{
    private SksDigest? _digest;

    internal Certificate(
        PublicKeyPacket primaryKey,
        IReadOnlyList<Packet> directSignatures,
        IReadOnlyList<CertificateComponent> userIds,
        IReadOnlyList<CertificateComponent> subkeys)
    {
        PrimaryKey = primaryKey;
        Identity = CertificateIdentity.Of(primaryKey);
        DirectSignatures = directSignatures;
        UserIds = userIds;
        Subkeys = subkeys;
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
    public int PacketCount =>
        1 + DirectSignatures.Count + UserIds.Sum(static c => 1 + c.Signatures.Count) + Subkeys.Sum(static c => 1 + c.Signatures.Count);

    /// <summary>Bytes that <see cref="Write"/> needs.</summary>
    public int GetLength() => Packets.Sum(static packet => PacketWriter.GetLength(packet));

    /// <summary>Writes all packets with SKS's headers.</summary>
    /// <returns>Bytes written.</returns>
    public int Write(Span<byte> destination)
    {
        int written = 0;
        foreach (Packet packet in Packets)
            written += PacketWriter.Write(packet, destination[written..]);
        return written;
    }

    /// <summary>All packets with SKS's headers, in an array of their own.</summary>
    public byte[] ToArray()
    {
        var bytes = new byte[GetLength()];
        Write(bytes);
        return bytes;
    }

    private SksDigest ComputeDigest()
    {
        var packets = new Packet[PacketCount];
        int next = 0;
        foreach (Packet packet in Packets)
            packets[next++] = packet;
        return SksDigest.Compute(packets);
    }
}
