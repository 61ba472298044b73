using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Sks.OpenPgp;
using Sks.Reconciliation;

namespace Sks.Storage;

/// <summary>Encodes the keys of all families. Frozen: a change here is a new <see cref="StoreFormat"/>.</summary>
internal static class KeyCodec
{
    /// <summary>First byte of a digest key in SKS's own dialect, and of the keys of the tree over these digests.</summary>
    public const byte SksProfile = 0;

    /// <summary>The longest key of <see cref="Family.Tree"/>.</summary>
    public const int MaxTreeNodeLength = 2 + Element.Length;

    private const byte KindKeyId = 1;
    private const byte KindSubkeyFingerprint = 2;
    private const byte KindAddress = 1;
    private const byte KindUserId = 2;
    private const byte KindRestriction = 1;
    private const byte KindRestrictionNote = 2;
    private const int TextHashLength = 16;
    private const int MaxPlainWordLength = 48;
    private const byte WordEnd = 0;

    /// <summary>Key of <see cref="Family.SksDigests"/>: profile (1), then the digest.</summary>
    public static byte[] Digest(SksDigest digest) => Digest(SksProfile, digest);

    /// <inheritdoc cref="Digest(SksDigest)"/>
    /// <param name="profile">Whose digest it is.</param>
    /// <param name="digest">The digest.</param>
    public static byte[] Digest(byte profile, SksDigest digest)
    {
        var key = new byte[1 + SksDigest.Length];
        key[0] = profile;
        digest.Write(key.AsSpan(1));
        return key;
    }

    /// <summary>The digest in a key of <see cref="Family.SksDigests"/>.</summary>
    public static SksDigest ReadDigest(ReadOnlySpan<byte> key) => SksDigest.Read(key[1..]);

    /// <summary>Key of <see cref="Family.Tree"/>: profile (1), length of the prefix in bits (1), then the bytes that the prefix touches, as few as there are.</summary>
    /// <remarks>With the length in front, the upper levels of the tree, which everyone reads, lie together.</remarks>
    public static byte[] TreeNode(Prefix prefix, byte profile = SksProfile) =>
        TreeNode(prefix, profile, stackalloc byte[MaxTreeNodeLength]).ToArray();

    /// <inheritdoc cref="TreeNode(Prefix, byte)"/>
    /// <param name="prefix">Which node.</param>
    /// <param name="profile">Of whose tree.</param>
    /// <param name="buffer">At least <see cref="MaxTreeNodeLength"/> bytes; the key is at its start.</param>
    public static ReadOnlySpan<byte> TreeNode(Prefix prefix, byte profile, Span<byte> buffer)
    {
        buffer[0] = profile;
        buffer[1] = (byte)prefix.Length;
        BinaryPrimitives.WriteUInt128BigEndian(buffer[2..], prefix.Bits);
        return buffer[..(2 + ((prefix.Length + 7) / 8))];
    }

    /// <summary>Key of <see cref="Family.ContentDigests"/>: policy version (4), then the digest, whose order keys have within one policy.</summary>
    public static byte[] Digest(int policyVersion, ContentDigest digest)
    {
        var key = new byte[sizeof(int) + ContentDigest.Length];
        BinaryPrimitives.WriteInt32BigEndian(key, policyVersion);
        digest.Span.CopyTo(key.AsSpan(sizeof(int)));
        return key;
    }

    /// <summary>Start of the keys in <see cref="Family.ContentDigests"/> with digests that start with 8 bytes.</summary>
    /// <param name="policyVersion">The policy.</param>
    /// <param name="prefix">Those bytes, big-endian.</param>
    public static byte[] DigestPrefix(int policyVersion, ulong prefix)
    {
        var key = new byte[sizeof(int) + sizeof(ulong)];
        BinaryPrimitives.WriteInt32BigEndian(key, policyVersion);
        BinaryPrimitives.WriteUInt64BigEndian(key.AsSpan(sizeof(int)), prefix);
        return key;
    }

    /// <summary>Start of the keys in <see cref="Family.ContentDigests"/> of one policy.</summary>
    public static byte[] PolicyPrefix(int policyVersion)
    {
        var key = new byte[sizeof(int)];
        BinaryPrimitives.WriteInt32BigEndian(key, policyVersion);
        return key;
    }

    /// <summary>The digest in a key of <see cref="Family.ContentDigests"/>.</summary>
    public static ContentDigest ReadContentDigest(ReadOnlySpan<byte> key) => ContentDigest.Read(key[sizeof(int)..]);

    /// <summary>Start of the keys in <see cref="Family.Certificates"/> with a version and fingerprint.</summary>
    public static byte[] IdentityPrefix(byte version, Fingerprint fingerprint) => [version, .. fingerprint.Span];

    /// <summary>Start of the keys in <see cref="Family.KeyIds"/> with a key ID in one role.</summary>
    /// <remarks>The role comes before the identity, so that a thousand strangers with someone's key as a subkey do not hide its owner.</remarks>
    public static byte[] KeyIdPrefix(KeyId keyId, KeyRole role)
    {
        var key = new byte[1 + KeyId.Length + 1];
        key[0] = KindKeyId;
        keyId.Write(key.AsSpan(1));
        key[^1] = (byte)role;
        return key;
    }

    /// <summary>Start of the keys in <see cref="Family.KeyIds"/> with a subkey's fingerprint.</summary>
    /// <remarks>With its length, so that the start of a long fingerprint is not taken for a short one.</remarks>
    public static byte[] SubkeyFingerprintPrefix(Fingerprint fingerprint) =>
        [KindSubkeyFingerprint, (byte)fingerprint.Length, .. fingerprint.Span];

    /// <summary>Start of the keys in <see cref="Family.Identities"/> with an e-mail address.</summary>
    public static byte[] AddressPrefix(string address) => TextPrefix(KindAddress, address);

    /// <summary>Start of the keys in <see cref="Family.Identities"/> with a whole user ID.</summary>
    public static byte[] UserIdPrefix(string userId) => TextPrefix(KindUserId, userId);

    /// <summary>
    /// Start of the keys in <see cref="Family.Words"/> with a word. Long words are replaced by their hash, behind a byte no word has.
    /// </summary>
    public static byte[] WordPrefix(ReadOnlySpan<byte> word) => word.Length <= MaxPlainWordLength
        ? [.. word, WordEnd]
        : [1, .. SHA256.HashData(word).AsSpan(0, TextHashLength), WordEnd];

    /// <summary>A key made of a prefix and the identity it leads to.</summary>
    public static byte[] WithIdentity(ReadOnlySpan<byte> prefix, CertificateIdentity identity) => [.. prefix, .. identity.Span];

    /// <summary>Key of <see cref="Family.Changes"/>.</summary>
    public static byte[] Sequence(ulong sequence)
    {
        var key = new byte[sizeof(ulong)];
        BinaryPrimitives.WriteUInt64BigEndian(key, sequence);
        return key;
    }

    /// <summary>The first key behind all that start with a prefix.</summary>
    /// <param name="prefix">Not all of its bytes are 255.</param>
    public static byte[] EndOf(ReadOnlySpan<byte> prefix)
    {
        byte[] end = prefix[..(prefix.LastIndexOfAnyExcept(byte.MaxValue) + 1)].ToArray();
        end[^1]++;
        return end;
    }

    /// <summary>Start of the keys in <see cref="Family.Identities"/> with text of either kind, by the SHA-256 of its normalised form.</summary>
    public static IEnumerable<byte[]> HashedTextPrefixes(ReadOnlyMemory<byte> hash) =>
    [
        [KindAddress, .. hash.Span[..TextHashLength]],
        [KindUserId, .. hash.Span[..TextHashLength]],
    ];

    /// <summary>Start of the keys in <see cref="Family.Restrictions"/> with records.</summary>
    public static ReadOnlySpan<byte> RestrictionPrefix => [KindRestriction];

    /// <summary>Key of a record in <see cref="Family.Restrictions"/>.</summary>
    public static byte[] Restriction(ReadOnlySpan<byte> origin, ulong sequence) => [KindRestriction, .. origin, .. Sequence(sequence)];

    /// <summary>Key in <see cref="Family.Restrictions"/> of what is known here about a record.</summary>
    public static byte[] RestrictionNote(ReadOnlySpan<byte> origin, ulong sequence) => [KindRestrictionNote, .. origin, .. Sequence(sequence)];

    private static byte[] TextPrefix(byte kind, string text)
    {
        // Hashed, so that keys are short and the store is no list of addresses sorted by domain.
        byte[] normalised = Encoding.UTF8.GetBytes(UserIdText.Normalise(text));
        return [kind, .. SHA256.HashData(normalised).AsSpan(0, TextHashLength)];
    }
}
