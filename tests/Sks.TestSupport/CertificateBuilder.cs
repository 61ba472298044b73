using Sks.OpenPgp;

namespace Sks.TestSupport;

/// <summary>Makes synthetic certificates: real framing, dummy signatures, the same bytes for the same seed.</summary>
public sealed class CertificateBuilder
{
    private readonly List<(PacketTag Tag, byte[] Body)> _packets = [];
    private readonly int _version;
    private readonly int _seed;
    private readonly KeyId _keyId;
    private int _signatures;

    /// <summary>Starts with the primary key packet.</summary>
    /// <param name="seed">Another seed makes another certificate.</param>
    /// <param name="version">2, 3, 4 or 6.</param>
    public CertificateBuilder(int seed, int version = 4)
    {
        _seed = seed;
        _version = version;
        byte[] body = TestPackets.PublicKey(version, seed);
        if (!PublicKeyPacket.TryParse(body, out PublicKeyPacket key, out _))
            throw new InvalidOperationException("A synthetic key does not parse.");
        _keyId = key.KeyId;
        PrimaryKey = key;
        Add(PacketTag.PublicKey, body);
    }

    /// <summary>The primary key, for its fingerprint and key ID.</summary>
    public PublicKeyPacket PrimaryKey { get; }

    /// <summary>An ordinary one: two user IDs with self-signatures; a subkey with its binding where the version allows.</summary>
    public static CertificateBuilder Ordinary(int seed, int version = 4)
    {
        CertificateBuilder builder = new CertificateBuilder(seed, version)
            .UserId($"Number {seed} <number.{seed}@example.org>").Certification()
            .UserId($"Other {seed} <other.{seed}@example.org>").Certification();
        return version >= 4 ? builder.Subkey(seed).Signature(SignatureType.SubkeyBinding) : builder;
    }

    /// <summary>Any packet.</summary>
    public CertificateBuilder Add(PacketTag tag, byte[] body)
    {
        _packets.Add((tag, body));
        return this;
    }

    /// <summary>A user ID.</summary>
    public CertificateBuilder UserId(string text) => Add(PacketTag.UserId, TestPackets.UserId(text));

    /// <summary>A user attribute with so many bytes of "photo".</summary>
    public CertificateBuilder Attribute(int length) =>
        Add(PacketTag.UserAttribute, TestPackets.Attribute(TestPackets.Filled(length, _seed, "photo")));

    /// <summary>A subkey.</summary>
    public CertificateBuilder Subkey(int seed) => Add(PacketTag.PublicSubkey, TestPackets.PublicKey(_version, unchecked((seed * 7) + 1)));

    /// <summary>A certification by the primary key, unlike all earlier ones.</summary>
    public CertificateBuilder Certification() => Signature(SignatureType.PositiveCertification);

    /// <summary>A signature by the primary key, unlike all earlier ones.</summary>
    public CertificateBuilder Signature(SignatureType type) => Signature(type, unchecked((_seed * 1009) + _signatures++));

    /// <summary>A signature that another with the same seed and type equals.</summary>
    public CertificateBuilder Signature(SignatureType type, int seed) =>
        Add(PacketTag.Signature, TestPackets.Signature(_version, type, seed, _keyId));

    /// <summary>The packets in the order they were added.</summary>
    public byte[] Build(HeaderFormat format = HeaderFormat.Sks) =>
        [.. _packets.SelectMany(packet => TestPackets.Frame(packet.Tag, packet.Body, format))];

    /// <summary>The packets, read.</summary>
    public Certificate BuildCertificate() =>
        CertificateReader.TryRead(Build(), OpenPgpLimits.Default, out Certificate certificate, out ParseError error)
            ? certificate
            : throw new InvalidOperationException($"The certificate does not parse: {error}.");
}
