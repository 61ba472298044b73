namespace Sks.Storage;

/// <summary>The column families. Their names are frozen; <see cref="StoreFormat"/> guards what is in them.</summary>
internal enum Family
{
    /// <summary>identity → <see cref="CertificateRecord"/>.</summary>
    Certificates,

    /// <summary>profile byte ‖ 16-byte digest → identity.</summary>
    SksDigests,

    /// <summary>4-byte policy version ‖ 32-byte digest → identity.</summary>
    ContentDigests,

    /// <summary>kind byte ‖ key ID and <see cref="KeyRole"/>, or length and subkey fingerprint ‖ identity → nothing.</summary>
    KeyIds,

    /// <summary>kind byte ‖ hash of the normalised text ‖ identity → nothing.</summary>
    Identities,

    /// <summary>word ‖ 0 ‖ identity → nothing.</summary>
    Words,

    /// <summary>profile byte ‖ length of the prefix in bits ‖ prefix → partition-tree node, see <see cref="NodeCodec"/>. Level by level.</summary>
    Tree,

    /// <summary>sequence → <see cref="Change"/>.</summary>
    Changes,

    /// <summary>sequence → packets that wait to be sent on, see <see cref="OutboxRows"/>.</summary>
    Outbox,

    /// <summary>kind byte ‖ origin ‖ sequence → record, or what is known here about it. See <see cref="RestrictionRow"/>.</summary>
    Restrictions,

    /// <summary>State kept per peer; keys and values are their owners' business.</summary>
    Links,

    /// <summary>Format version, incarnation and counters; records that a repair found damaged and put aside.</summary>
    Meta,
}

/// <summary>Names of the families in the database.</summary>
internal static class FamilyNames
{
    /// <summary>All families with their names.</summary>
    public static IReadOnlyList<(Family Family, string Name)> All { get; } =
    [
        (Family.Certificates, "certificates"),
        (Family.SksDigests, "sks-digests"),
        (Family.ContentDigests, "content-digests"),
        (Family.KeyIds, "key-ids"),
        (Family.Identities, "identities"),
        (Family.Words, "words"),
        (Family.Tree, "tree"),
        (Family.Changes, "changes"),
        (Family.Outbox, "outbox"),
        (Family.Restrictions, "restrictions"),
        (Family.Links, "links"),
        (Family.Meta, "meta"),
    ];

    /// <summary>The families that are computed from the packets in <see cref="Family.Certificates"/> and nothing else, row by row.</summary>
    /// <remarks><see cref="Family.Tree"/> follows from all digests together, see <see cref="TreeFamily"/>.</remarks>
    public static IReadOnlyList<Family> Derived { get; } =
        [Family.SksDigests, Family.ContentDigests, Family.KeyIds, Family.Identities, Family.Words];
}
