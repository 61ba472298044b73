using System.Runtime.InteropServices;
using Sks.OpenPgp;

namespace Sks.Storage;

/// <summary>Puts the packets of several views into one record, each once per place where it stands. Not for concurrent use.</summary>
/// <remarks>
/// The first view lies as it is, in one piece. Of the others only what is not there yet is added, in their own order. A packet is told
/// from others by the user ID, attribute or subkey it stands under as well, as the verdict depends on that.
/// </remarks>
internal sealed class RecordPackets
{
    private readonly List<(Packet Packet, PacketVerdict Verdict)> _packets = [];
    private readonly List<VerifiedCertificate> _views = [];
    private Dictionary<Place, int>? _offsets;
    private Dictionary<Place, int>? _components;

    /// <summary>All packets, in the order they lie in.</summary>
    public IReadOnlyList<(Packet Packet, PacketVerdict Verdict)> Packets => _packets;

    /// <summary>Bytes of all packets with their headers.</summary>
    public int Length { get; private set; }

    /// <summary>Adds what is missing of a view.</summary>
    /// <returns>Offset, from the first packet, and length of each piece of the view.</returns>
    public List<(int Offset, int Length)> Add(VerifiedCertificate view)
    {
        int length = view.Certificate.GetLength();
        if (_views.Count == 0)
        {
            Append(view);
            _views.Add(view);
            return [(0, length)];
        }

        if (IsSame(_views[0].Certificate, view.Certificate))
            return [(0, length)];
        if (_offsets is null)
            Index(_views[0].Certificate);
        return AddMissing(view);
    }

    /// <summary>Writes all packets.</summary>
    public void Write(Span<byte> destination)
    {
        foreach ((Packet packet, _) in _packets)
            destination = destination[PacketWriter.Write(packet, destination)..];
    }

    private static bool IsSame(Certificate first, Certificate second)
    {
        if (first.PacketCount != second.PacketCount || first.GetLength() != second.GetLength())
            return false;
        using IEnumerator<Packet> others = second.Packets.GetEnumerator();
        foreach (Packet packet in first.Packets)
        {
            if (!others.MoveNext() || !packet.SameAs(others.Current))
                return false;
        }

        return true;
    }

    private void Append(VerifiedCertificate view)
    {
        ReadOnlySpan<PacketVerdict> verdicts = view.Verdicts.Span;
        int next = 0;
        _packets.EnsureCapacity(verdicts.Length);
        foreach (Packet packet in view.Certificate.Packets)
            Append(packet, view.Verdicts.Span[next++]);
    }

    private int Append(in Packet packet, PacketVerdict verdict)
    {
        int offset = Length;
        _packets.Add((packet, verdict));
        Length = checked(Length + PacketWriter.GetLength(packet));
        return offset;
    }

    private void Index(Certificate first)
    {
        _offsets = new Dictionary<Place, int>(first.PacketCount);
        _components = [];
        int offset = 0;
        foreach (Place place in PlacesOf(first))
        {
            _offsets.TryAdd(place, offset);
            offset += PacketWriter.GetLength(place.Packet);
        }
    }

    private List<(int Offset, int Length)> AddMissing(VerifiedCertificate view)
    {
        List<(int Offset, int Length)> slices = [];
        int next = 0;
        foreach (Place place in PlacesOf(view.Certificate))
        {
            PacketVerdict verdict = view.Verdicts.Span[next++];
            ref int offset = ref CollectionsMarshal.GetValueRefOrAddDefault(_offsets!, place, out bool exists);
            if (!exists)
                offset = Append(place.Packet, verdict);
            int length = PacketWriter.GetLength(place.Packet);
            if (slices.Count > 0 && slices[^1].Offset + slices[^1].Length == offset)
                slices[^1] = (slices[^1].Offset, slices[^1].Length + length);
            else
                slices.Add((offset, length));
        }

        return slices;
    }

    // Component 0 is the primary key; the others are numbered as they come.
    private IEnumerable<Place> PlacesOf(Certificate certificate)
    {
        int component = 0;
        foreach (Packet packet in certificate.Packets)
        {
            if (packet.Tag is PacketTag.UserId or PacketTag.UserAttribute or PacketTag.PublicSubkey)
            {
                var self = new Place(0, packet);
                if (!_components!.TryGetValue(self, out component))
                    _components.Add(self, component = _components.Count + 1);
            }

            yield return new Place(component, packet);
        }
    }

    private readonly struct Place(int component, Packet packet) : IEquatable<Place>
    {
        public int Component { get; } = component;

        public Packet Packet { get; } = packet;

        public bool Equals(Place other) => Component == other.Component && Packet.SameAs(other.Packet);

        public override bool Equals(object? obj) => obj is Place other && Equals(other);

        public override int GetHashCode()
        {
            HashCode hash = default;
            hash.Add(Component);
            hash.AddBytes(Packet.Span);
            return hash.ToHashCode();
        }
    }
}
