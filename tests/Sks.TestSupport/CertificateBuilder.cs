using Sks.OpenPgp;
using Sks.TestSupport.Signing;

namespace Sks.TestSupport;

/// <summary>Makes ordinary certificates from numbers: really signed by their own key, the same bytes for the same seed.</summary>
/// <remarks>Keys come from a pool, so that thousands are cheap. For odd signatures see <see cref="SignedCertificate"/>.</remarks>
public sealed class CertificateBuilder
{
    private const uint MaxSecondsBetween = 100_000_000;

    private readonly SignedCertificate _certificate;
    private readonly int _seed;
    private int _signatures;

    /// <summary>Starts with the primary key packet.</summary>
    /// <param name="seed">Another seed makes another certificate.</param>
    /// <param name="version">2, 3, 4 or 6.</param>
    public CertificateBuilder(int seed, int version = 4)
    {
        _seed = seed;
        Key = SigningKey.FromPool(seed, version: version);
        _certificate = new SignedCertificate(Key);
        PrimaryKey = PublicKeyPacket.TryParse(Key.Body, out PublicKeyPacket key, out _)
            ? key
            : throw new InvalidOperationException("A synthetic key does not parse.");
    }

    /// <summary>The primary key, for its fingerprint and key ID.</summary>
    public PublicKeyPacket PrimaryKey { get; }

    /// <summary>The primary key, to sign with.</summary>
    public SigningKey Key { get; }

    /// <summary>An ordinary one: two user IDs with self-signatures; a subkey with its binding where the version allows.</summary>
    public static CertificateBuilder Ordinary(int seed, int version = 4)
    {
        CertificateBuilder builder = new CertificateBuilder(seed, version)
            .SignedUserId($"Number {seed} <number.{seed}@example.org>")
            .SignedUserId($"Other {seed} <other.{seed}@example.org>");
        return version >= 4 ? builder.Subkey(seed).Signature(SignatureType.SubkeyBinding) : builder;
    }

    /// <summary>Any packet.</summary>
    public CertificateBuilder Add(PacketTag tag, byte[] body)
    {
        if (tag is PacketTag.UserId or PacketTag.UserAttribute or PacketTag.PublicSubkey)
            _certificate.Component(tag, body);
        else
            _certificate.Add(tag, body);
        return this;
    }

    /// <summary>A user ID that nobody signed yet.</summary>
    public CertificateBuilder UserId(string text) => Add(PacketTag.UserId, TestPackets.UserId(text));

    /// <summary>A user ID with its self-signature.</summary>
    public CertificateBuilder SignedUserId(string text) => UserId(text).Certification();

    /// <summary>A user attribute with so many bytes of "photo" that nobody signed yet.</summary>
    public CertificateBuilder Attribute(int length) =>
        Add(PacketTag.UserAttribute, TestPackets.Attribute(TestPackets.Filled(length, _seed, "photo")));

    /// <summary>An encryption subkey (RSA before version 4) that is not bound yet.</summary>
    public CertificateBuilder Subkey(int seed) => Add(PacketTag.PublicSubkey, SubkeyOf(seed).Body);

    /// <summary>A certification by the primary key, unlike all earlier ones.</summary>
    public CertificateBuilder Certification() => Signature(SignatureType.PositiveCertification);

    /// <summary>A signature by the primary key over what was added last, unlike all earlier ones.</summary>
    public CertificateBuilder Signature(SignatureType type) => Signature(type, _signatures++);

    /// <summary>A signature by the primary key that another over the same with the same seed and type equals.</summary>
    public CertificateBuilder Signature(SignatureType type, int seed)
    {
        SignatureSpec spec = new SignatureSpec(type).At(Key.CreationTime + ((uint)seed % MaxSecondsBetween));
        KeyUse? use = type switch
        {
            SignatureType.SubkeyBinding => KeyUse.Encrypt,
            >= SignatureType.GenericCertification and <= SignatureType.PositiveCertification => KeyUse.Certify | KeyUse.Sign,
            SignatureType.DirectKey => KeyUse.Certify | KeyUse.Sign,
            _ => null,
        };
        _certificate.Sign(use is { } flags && Key.Version >= 4 ? spec.For(flags) : spec);
        return this;
    }

    /// <summary>A signature that names the primary key and verifies with nothing.</summary>
    public CertificateBuilder JunkSignature(SignatureType type, int seed = 0) =>
        Add(PacketTag.Signature, TestPackets.Signature(Key.Version, type, seed, Key.KeyId));

    /// <summary>The packets in the order they were added.</summary>
    public byte[] Build(HeaderFormat format = HeaderFormat.Sks) => _certificate.Build(format);

    /// <summary>The packets, read.</summary>
    public Certificate BuildCertificate() => _certificate.BuildCertificate();

    private SigningKey SubkeyOf(int seed) => new(unchecked((seed * 7) + 1), EncryptionKind, Key.Version, Key.CreationTime);

    private KeyKind EncryptionKind => Key.Version switch
    {
        < 4 => KeyKind.Rsa,
        4 => KeyKind.Curve25519,
        _ => KeyKind.X25519,
    };
}
