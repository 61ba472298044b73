using Sks.OpenPgp;

namespace Sks.HkpAdapter.Http;

/// <summary>What kind of thing is searched for.</summary>
internal enum SearchTermKind
{
    /// <summary>Nothing.</summary>
    Empty,

    /// <summary>More text than anyone searches for.</summary>
    TooLong,

    /// <summary>A 32-bit key ID. Anyone can make a key with a given one: never resolved.</summary>
    ShortKeyId,

    /// <summary>Something behind 0x that is neither a key ID nor a fingerprint.</summary>
    BadHex,

    /// <summary>A key ID.</summary>
    KeyId,

    /// <summary>A fingerprint.</summary>
    Fingerprint,

    /// <summary>A user ID, an address, or words of them.</summary>
    Text,
}

/// <summary>A decoded search: what kind, and the readings of it in the order they should be tried.</summary>
internal sealed record SearchTerm(SearchTermKind Kind)
{
    /// <summary>The key ID, for that kind.</summary>
    public KeyId KeyId { get; init; }

    /// <summary>The fingerprint, for that kind.</summary>
    public Fingerprint Fingerprint { get; init; }

    /// <summary>Text as people read it, for titles.</summary>
    public string Display { get; init; } = "";

    /// <summary>User IDs and addresses that may be meant; empty when the term can only be a key ID or fingerprint.</summary>
    public IReadOnlyList<string> Identities { get; init; } = [];

    /// <summary>Byte strings whose words may be meant: as sent, and as UTF-8 where that was ISO 8859-1.</summary>
    public IReadOnlyList<byte[]> Texts { get; init; } = [];
}
