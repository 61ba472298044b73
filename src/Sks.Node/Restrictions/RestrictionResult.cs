using Sks.Storage;

namespace Sks.Node.Restrictions;

/// <summary>How a demand to restrict something ended.</summary>
public enum RestrictionStatus
{
    /// <summary>It holds.</summary>
    Done,

    /// <summary>There is nothing of this node's own to retract.</summary>
    NotRestricted,

    /// <summary>The subject is erased, which is more than blocked: retract that first.</summary>
    AlreadyErased,

    /// <summary>There is no such erasure to confirm.</summary>
    NothingToConfirm,
}

/// <summary>What a demand to restrict something came to.</summary>
/// <param name="Status">How it ended; the rest says something only about <see cref="RestrictionStatus.Done"/>.</param>
/// <param name="Entry">What was issued or confirmed.</param>
/// <param name="Removed">Certificates that were removed as a whole.</param>
/// <param name="Rewritten">Certificates that lost packets.</param>
/// <param name="OtherOrigins">Other nodes whose restrictions of the same subject hold here.</param>
/// <param name="Purge">What the purge came to; null when nothing was erased.</param>
public sealed record RestrictionResult(
    RestrictionStatus Status,
    RestrictionEntry? Entry = null,
    long Removed = 0,
    long Rewritten = 0,
    IReadOnlyList<NodeId>? OtherOrigins = null,
    PurgeResult? Purge = null);

/// <summary>Why a record was not taken in.</summary>
public enum RestrictionRefusal
{
    /// <summary>It is no record, or of a kind that this release does not know.</summary>
    Unreadable,

    /// <summary>Its origin is not among those that are honoured here.</summary>
    UnknownOrigin,

    /// <summary>Its origin has not signed it.</summary>
    BadSignature,

    /// <summary>Another record of the same origin and sequence is known.</summary>
    Conflict,
}

/// <summary>What taking records in came to.</summary>
/// <param name="Added">New ones.</param>
/// <param name="Unchanged">Those that were known.</param>
/// <param name="Refused">Place in the input, counted from 0, and reason of those that were not taken.</param>
/// <param name="Removed">Certificates that were removed as a whole.</param>
/// <param name="Rewritten">Certificates that lost packets.</param>
/// <param name="Pending">Erasures among the new ones that only hide until they are due or confirmed.</param>
/// <param name="Purge">What the purge came to; null when nothing was erased.</param>
public sealed record RestrictionImport(
    int Added,
    int Unchanged,
    IReadOnlyList<(int Index, RestrictionRefusal Reason, NodeId? Origin)> Refused,
    long Removed,
    long Rewritten,
    int Pending,
    PurgeResult? Purge);
