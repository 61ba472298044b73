using Sks.OpenPgp;

namespace Sks.TestSupport.Signing;

/// <summary>Makes certificates whose signatures are real. The same bytes for the same calls.</summary>
/// <remarks>
/// <c>new SignedCertificate(new SigningKey(1)).UserId("Ada").Certify().Subkey(new SigningKey(2), KeyUse.Sign).Build()</c>. Calls that
/// sign do so over the component added last; each such signature is a second later than the one before, so that no two are equal.
/// Statements about the key itself (<see cref="Direct"/>, <see cref="RevokeKey"/>) go behind the primary key packet, whenever they come.
/// </remarks>
public sealed class SignedCertificate
{
    private readonly List<Section> _sections;
    private uint _signatures;

    /// <summary>Starts with the primary key packet.</summary>
    public SignedCertificate(SigningKey primary)
    {
        Primary = primary;
        _sections = [new Section(PacketTag.PublicKey, primary.Body)];
    }

    /// <summary>How a signing subkey's binding carries its back-signature.</summary>
    public enum BackSignature
    {
        /// <summary>In the hashed area.</summary>
        Hashed,

        /// <summary>In the unhashed area.</summary>
        Unhashed,

        /// <summary>Not at all.</summary>
        None,
    }

    /// <summary>The primary key.</summary>
    public SigningKey Primary { get; }

    /// <summary>Body of the signature made last.</summary>
    public byte[] LastSignature { get; private set; } = [];

    /// <summary>What a signature made now would be over.</summary>
    public SignedOver Current => Last.Tag == PacketTag.PublicKey ? Alone : new SignedOver(Primary.Body, Last.Tag, Last.Body);

    private SignedOver Alone => new(Primary.Body);

    private Section Last => _sections[^1];

    /// <summary>An ordinary one: two user IDs, an encryption subkey and a signing subkey (none before version 4).</summary>
    public static SignedCertificate Ordinary(int seed, int version = 4, KeyKind? kind = null)
    {
        SignedCertificate certificate = new SignedCertificate(SigningKey.FromPool(seed, kind, version))
            .UserId($"Number {seed} <number.{seed}@example.org>").Certify()
            .UserId($"Other {seed} <other.{seed}@example.org>").Certify();
        return version < 4
            ? certificate
            : certificate
                .Subkey(SigningKey.FromPool(seed, version == 4 ? KeyKind.Curve25519 : KeyKind.X25519, version), KeyUse.Encrypt)
                .Subkey(SigningKey.FromPool(~seed, kind, version), KeyUse.Sign);
    }

    /// <summary>A user ID, not yet signed.</summary>
    public SignedCertificate UserId(string text) => Component(PacketTag.UserId, TestPackets.UserId(text));

    /// <summary>A user attribute with so many bytes of "photo", not yet signed.</summary>
    public SignedCertificate Attribute(int length) =>
        Component(PacketTag.UserAttribute, TestPackets.Attribute(TestPackets.Filled(length, length, "photo")));

    /// <summary>A subkey, not yet bound.</summary>
    public SignedCertificate Subkey(SigningKey subkey)
    {
        Component(PacketTag.PublicSubkey, subkey.Body);
        Last.Subkey = subkey;
        return this;
    }

    /// <summary>A subkey with its binding; with a back-signature where it may sign.</summary>
    public SignedCertificate Subkey(SigningKey subkey, KeyUse use, Func<SignatureSpec, SignatureSpec>? change = null) =>
        Subkey(subkey).Bind(use, change);

    /// <summary>Any component, not yet signed.</summary>
    public SignedCertificate Component(PacketTag tag, byte[] body)
    {
        _sections.Add(new Section(tag, body));
        return this;
    }

    /// <summary>Any packet, where it stands.</summary>
    public SignedCertificate Add(PacketTag tag, byte[] body)
    {
        Last.Packets.Add((tag, body));
        return this;
    }

    /// <summary>Many signatures behind what was added last.</summary>
    /// <param name="signatures">Bodies of their packets, for instance from <see cref="SignatureFlood"/>.</param>
    public SignedCertificate Add(IEnumerable<byte[]> signatures)
    {
        Last.Packets.AddRange(signatures.Select(static body => (PacketTag.Signature, body)));
        return this;
    }

    /// <summary>Certifies the user ID or attribute; says that the primary key certifies and signs.</summary>
    public SignedCertificate Certify(Func<SignatureSpec, SignatureSpec>? change = null) =>
        Sign(Flagged(SignatureType.PositiveCertification, KeyUse.Certify | KeyUse.Sign), Primary, change);

    /// <summary>A statement of the key about itself (0x1F).</summary>
    public SignedCertificate Direct(Func<SignatureSpec, SignatureSpec>? change = null) =>
        SignKey(Flagged(SignatureType.DirectKey, KeyUse.Certify | KeyUse.Sign), Primary, change);

    /// <summary>Binds the subkey.</summary>
    /// <param name="use">What it may do; null to say nothing of it.</param>
    /// <param name="change">Changes the binding.</param>
    /// <param name="place">Where the back-signature stands; none anyway unless the subkey may sign.</param>
    /// <param name="changeBack">Changes the back-signature.</param>
    /// <param name="backSigner">Makes the back-signature instead of the subkey.</param>
    public SignedCertificate Bind(
        KeyUse? use,
        Func<SignatureSpec, SignatureSpec>? change = null,
        BackSignature place = BackSignature.Hashed,
        Func<SignatureSpec, SignatureSpec>? changeBack = null,
        SigningKey? backSigner = null)
    {
        SignatureSpec binding = Flagged(SignatureType.SubkeyBinding, use);
        bool isSigning = use is { } flags ? (flags & KeyUse.Sign) != 0 : Last.Subkey?.Kind is not (KeyKind.Curve25519 or KeyKind.X25519);
        if (isSigning && place != BackSignature.None && (backSigner ?? Last.Subkey) is { } signer && Primary.Version >= 4)
        {
            var spec = new SignatureSpec(SignatureType.PrimaryKeyBinding);
            Subpacket embedded = Subpacket.EmbeddedSignature((changeBack?.Invoke(spec) ?? spec).AtOrElse(NextTime()).Sign(signer, Current));
            binding = place == BackSignature.Hashed ? binding.With(embedded) : binding.WithUnhashed(embedded);
        }

        return Sign(binding, Primary, change);
    }

    /// <summary>Revokes what was added last: the key, a user ID's certification, a subkey.</summary>
    /// <param name="code">0, 2: hard; 1, 3, 32: soft; null for no reason.</param>
    /// <param name="change">Changes the revocation.</param>
    public SignedCertificate Revoke(byte? code = null, Func<SignatureSpec, SignatureSpec>? change = null) => RevokeBy(Primary, code, change);

    /// <summary>Revokes what was added last, in the name of another key.</summary>
    public SignedCertificate RevokeBy(SigningKey signer, byte? code = null, Func<SignatureSpec, SignatureSpec>? change = null) =>
        Sign(Revocation(RevocationTypeOf(Last.Tag), code), signer, change);

    /// <summary>Revokes the key.</summary>
    public SignedCertificate RevokeKey(byte? code = null, Func<SignatureSpec, SignatureSpec>? change = null) =>
        RevokeKeyBy(Primary, code, change);

    /// <summary>Another key, perhaps a designated revoker, revokes the key.</summary>
    public SignedCertificate RevokeKeyBy(SigningKey signer, byte? code = null, Func<SignatureSpec, SignatureSpec>? change = null) =>
        SignKey(Revocation(SignatureType.KeyRevocation, code), signer, change);

    /// <summary>Another key certifies the user ID or attribute, or the key itself where none was added.</summary>
    public SignedCertificate ThirdParty(SigningKey other, Func<SignatureSpec, SignatureSpec>? change = null) =>
        Sign(
            new SignatureSpec(Last.Tag == PacketTag.PublicKey ? SignatureType.DirectKey : SignatureType.GenericCertification), other, change);

    /// <summary>Attests all certifications by others that the user ID or attribute has so far.</summary>
    public SignedCertificate Attest(Func<SignatureSpec, SignatureSpec>? change = null) =>
        Attest(Last.ThirdParty, change);

    /// <summary>Attests certifications.</summary>
    /// <param name="certifications">Bodies of signature packets, version 4 or 6.</param>
    /// <param name="change">Changes the attestation; its hash algorithm must stay the key's own.</param>
    public SignedCertificate Attest(IEnumerable<byte[]> certifications, Func<SignatureSpec, SignatureSpec>? change = null)
    {
        IEnumerable<byte[]> digests = certifications
            .Select(certification => SignatureSpec.AttestedDigest(Primary.Hash, certification))
            .OrderBy(Convert.ToHexString, StringComparer.Ordinal);
        return Sign(new SignatureSpec(SignatureType.Attestation).With(Subpacket.AttestedCertifications(digests)), Primary, change);
    }

    /// <summary>Any signature over what was added last, or over the key alone where its type says so; it stands behind what was added last.</summary>
    public SignedCertificate Sign(SignatureSpec spec, SigningKey? signer = null, Func<SignatureSpec, SignatureSpec>? change = null)
    {
        SignedOver over = spec.Type is SignatureType.DirectKey or SignatureType.KeyRevocation ? Alone : Current;
        return Sign(Last, spec, signer ?? Primary, over, change);
    }

    /// <summary>The packets in the order they were added.</summary>
    public byte[] Build(HeaderFormat format = HeaderFormat.Sks)
    {
        using var stream = new MemoryStream();
        foreach ((PacketTag tag, byte[] body) in _sections.SelectMany(static section => section.Packets.Prepend((section.Tag, section.Body))))
            stream.Write(TestPackets.Frame(tag, body, format));
        return stream.ToArray();
    }

    /// <summary>The packets, read.</summary>
    public Certificate BuildCertificate() => Keyrings.ReadOne(Build());

    private static SignatureType RevocationTypeOf(PacketTag component) => component switch
    {
        PacketTag.PublicKey => SignatureType.KeyRevocation,
        PacketTag.PublicSubkey => SignatureType.SubkeyRevocation,
        _ => SignatureType.CertificationRevocation,
    };

    private static SignatureSpec Revocation(SignatureType type, byte? code) =>
        code is { } value ? new SignatureSpec(type).Because(value) : new SignatureSpec(type);

    // Signatures before version 4 have no flags.
    private SignatureSpec Flagged(SignatureType type, KeyUse? use) =>
        use is { } flags && Primary.Version >= 4 ? new SignatureSpec(type).For(flags) : new SignatureSpec(type);

    private SignedCertificate SignKey(SignatureSpec spec, SigningKey signer, Func<SignatureSpec, SignatureSpec>? change) =>
        Sign(_sections[0], spec, signer, Alone, change);

    private SignedCertificate Sign(
        Section section, SignatureSpec spec, SigningKey signer, SignedOver over, Func<SignatureSpec, SignatureSpec>? change)
    {
        LastSignature = (change?.Invoke(spec) ?? spec).AtOrElse(Math.Max(NextTime(), signer.CreationTime)).Sign(signer, over);
        section.Packets.Add((PacketTag.Signature, LastSignature));
        if (signer != Primary)
            section.ThirdParty.Add(LastSignature);
        return this;
    }

    private uint NextTime() => Math.Max(Primary.CreationTime, Last.Subkey?.CreationTime ?? 0) + _signatures++;

    /// <summary>A component and the packets behind it.</summary>
    private sealed class Section(PacketTag tag, byte[] body)
    {
        public PacketTag Tag => tag;

        public byte[] Body => body;

        public List<(PacketTag Tag, byte[] Body)> Packets { get; } = [];

        public List<byte[]> ThirdParty { get; } = [];

        public SigningKey? Subkey { get; set; }
    }
}
