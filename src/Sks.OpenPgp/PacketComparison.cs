namespace Sks.OpenPgp;

/// <summary>The two orders that SKS puts packets in.</summary>
public static class PacketComparison
{
    /// <summary>By tag, then by body as unsigned bytes, a prefix first. The order that the digest is taken in (keyHash.ml).</summary>
    public static Comparison<Packet> ForDigest { get; } = static (left, right) =>
    {
        int byTag = (byte)left.Tag - (byte)right.Tag; // an enum's own CompareTo boxes both
        return byTag != 0 ? byTag : left.Span.SequenceCompareTo(right.Span);
    };

    /// <summary>By tag, then by body length, then by body. The order of user IDs and signatures in what SKS sends (keyMerge.ml).</summary>
    public static Comparison<Packet> ForOutput { get; } = static (left, right) =>
    {
        int byTag = (byte)left.Tag - (byte)right.Tag;
        if (byTag != 0)
            return byTag;
        int byLength = left.Body.Length.CompareTo(right.Body.Length);
        return byLength != 0 ? byLength : left.Span.SequenceCompareTo(right.Span);
    };
}
