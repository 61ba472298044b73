using Sks.OpenPgp;

namespace Sks.Node.Restrictions;

/// <summary>What a restriction is about: one of the nested cases.</summary>
public abstract record RestrictionSubject
{
    private const byte TypeCertificate = 1;
    private const byte TypeUserId = 2;
    private const byte TypeIdentity = 3;

    private RestrictionSubject()
    {
    }

    /// <summary>First byte of the encoding.</summary>
    internal abstract byte Type { get; }

    /// <summary>The bytes behind it.</summary>
    internal abstract byte[] Content { get; }

    /// <summary>Reads an encoding; null when it is none.</summary>
    internal static RestrictionSubject? TryRead(byte type, ReadOnlySpan<byte> content) => type switch
    {
        TypeCertificate when TryReadFingerprint(content, out Fingerprint fingerprint) => new Certificate(fingerprint),
        TypeUserId when content.Length > TextHash.Length && TryReadFingerprint(content[..^TextHash.Length], out Fingerprint fingerprint) =>
            new UserId(fingerprint, TextHash.Read(content[^TextHash.Length..])),
        TypeIdentity when content.Length == TextHash.Length => new Identity(TextHash.Read(content)),
        _ => null,
    };

    // The fingerprints of version 2 look like those of version 3, and are written as such.
    private static byte VersionOf(Fingerprint fingerprint) => fingerprint.Length switch
    {
        Fingerprint.Version3Length => 3,
        Fingerprint.Version4Length => 4,
        _ => 6,
    };

    private static byte[] Write(Fingerprint fingerprint) => [VersionOf(fingerprint), .. fingerprint.Span];

    private static bool TryReadFingerprint(ReadOnlySpan<byte> bytes, out Fingerprint fingerprint)
    {
        fingerprint = default;
        return !bytes.IsEmpty && Fingerprint.TryCreate(bytes[1..], out fingerprint) && bytes[0] == VersionOf(fingerprint);
    }

    /// <summary>Every certificate whose primary key has the fingerprint.</summary>
    public sealed record Certificate(Fingerprint Fingerprint) : RestrictionSubject
    {
        internal override byte Type => TypeCertificate;

        internal override byte[] Content => Write(Fingerprint);

        /// <inheritdoc/>
        public override string ToString() => $"certificate {Fingerprint}";
    }

    /// <summary>One user ID of a certificate, by the hash of its exact bytes.</summary>
    public sealed record UserId(Fingerprint Fingerprint, TextHash Hash) : RestrictionSubject
    {
        internal override byte Type => TypeUserId;

        internal override byte[] Content => [.. Write(Fingerprint), .. Hash.ToArray()];

        /// <inheritdoc/>
        public override string ToString() => $"user ID sha256:{Hash} of {Fingerprint}";
    }

    /// <summary>A mail address, or a whole user ID, on any certificate, by the hash of its normalised text.</summary>
    public sealed record Identity(TextHash Hash) : RestrictionSubject
    {
        internal override byte Type => TypeIdentity;

        internal override byte[] Content => Hash.ToArray();

        /// <inheritdoc/>
        public override string ToString() => $"identity sha256:{Hash}";
    }
}
