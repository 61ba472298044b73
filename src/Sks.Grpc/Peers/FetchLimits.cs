namespace Sks.Grpc.Peers;

/// <summary>Sizes of what is said in a Fetch stream, for both sides.</summary>
internal static class FetchLimits
{
    /// <summary>The largest certificate that is offered with its packets.</summary>
    public const int InlineBytes = 4 * 1024;

    /// <summary>Where a message is full, unless a single thing in it is larger.</summary>
    public const int MessageBytes = 64 * 1024;

    /// <summary>Most offers in a message.</summary>
    public const int OffersPerMessage = 1000;

    /// <summary>Most bytes of packet hashes in an outline.</summary>
    public const int HashBytes = 256 * 1024;

    /// <summary>Most packets in one message, in bytes.</summary>
    public const int PartBytes = 64 * 1024;

    /// <summary>The largest message, inflated.</summary>
    public const int InflatedBytes = 1024 * 1024;

    /// <summary>Bytes of certificates that are taken at a time, or a single one.</summary>
    public const int TakenBytes = 16 * 1024 * 1024;

    /// <summary>Most bytes of packet hashes that are kept of outlines at a time; those beyond are taken as a whole.</summary>
    public const int KeptHashBytes = 16 * 1024 * 1024;
}
