using System.Numerics;
using Sks.OpenPgp.Verification;

namespace Sks.OpenPgp;

/// <summary>Finds the verdicts on the signatures of one certificate.</summary>
/// <remarks>Imports each key once, when it is first needed. Not thread-safe.</remarks>
internal sealed class SignatureVerifier(PublicKeyPacket primaryKey) : IDisposable
{
    // A binding needs one back-signature. Some carry a stale one besides; whoever adds hundreds wants only our time.
    private const int MaxBackSignatures = 4;
    private const int MaxDigestLength = 64;
    private const int BytesPerMicrosecond = 512;
    private const int LimbProductsPerMicrosecond = 800;
    private const int RsaCost = 20;

    private readonly SignedContent _content = new(primaryKey);
    private VerificationKey? _key;
    private bool _isImported;
    private ComponentEvidence? _component;
    private VerificationKey? _subkey;
    private bool _isSubkeyImported;
    private long _subkeyCost;

    private VerificationKey? Key
    {
        get
        {
            if (!_isImported)
                _key = VerificationKey.TryImport(primaryKey);
            _isImported = true;
            return _key;
        }
    }

    private VerificationKey? Subkey
    {
        get
        {
            if (!_isSubkeyImported && PublicKeyPacket.TryParse(_component!.Packet!.Value.Body, out PublicKeyPacket key, out _))
            {
                _subkey = VerificationKey.TryImport(key);
                _subkeyCost = CostOf(key);
            }

            _isSubkeyImported = true;
            return _subkey;
        }
    }

    /// <summary>Whether signatures on a component are worth a look: the key can sign, and the component is not too large for any view.</summary>
    public bool CanVerify(ComponentEvidence component) => component.Signatures.Count > 0 && Key is not null && component.Tag switch
    {
        PacketTag.UserId => component.Packet!.Value.Body.Length <= CleanViewPolicy.MaxVerifiedUserIdBytes,
        PacketTag.UserAttribute => component.Packet!.Value.Body.Length <= CleanViewPolicy.MaxAttributeBytes,
        PacketTag.PublicSubkey => component.Packet!.Value.Body.Length <= CleanViewPolicy.MaxSubkeyBytes,
        _ => true,
    };

    /// <summary>Goes on to another component.</summary>
    public void SetComponent(ComponentEvidence component)
    {
        _subkey?.Dispose();
        _subkey = null;
        _isSubkeyImported = false;
        _component = component;
        _content.SetComponent(component.Packet);
    }

    /// <summary>Finds the verdict on a signature of the current component.</summary>
    /// <returns>About how many microseconds it took, by the work and not by a clock.</returns>
    public long Examine(SignatureEvidence signature)
    {
        long cost = 1;
        signature.Verdict = Examine(signature.Claims, signature.Packet.Span, ref cost);
        return cost;
    }

    public void Dispose()
    {
        _content.Dispose();
        _key?.Dispose();
        _subkey?.Dispose();
    }

    private static bool HasPlace(SignatureType type, PacketTag component) => component switch
    {
        PacketTag.PublicKey => type is SignatureType.DirectKey or SignatureType.KeyRevocation,
        PacketTag.PublicSubkey => type is SignatureType.SubkeyBinding or SignatureType.SubkeyRevocation,
        _ => type is (>= SignatureType.GenericCertification and <= SignatureType.PositiveCertification)
            or SignatureType.Attestation or SignatureType.CertificationRevocation,
    };

    // Readers of version 4 certificates need not know version 6 signatures; the other way round they do.
    private bool IsReadable(SignaturePacket claims) =>
        claims.Layout.IsComplete
        && !claims.HasUnknownCritical
        && claims.CreationTime is not null
        && (claims.Version <= 4 || primaryKey.Version == 6);

    private PacketVerdict Examine(SignaturePacket? claims, ReadOnlySpan<byte> body, ref long cost)
    {
        if (claims is null || !IsReadable(claims) || !HasPlace(claims.Type, _component!.Tag))
            return PacketVerdict.Unusable;

        Span<byte> digest = stackalloc byte[MaxDigestLength];
        digest = digest[..Hash(claims, body, digest, ref cost)];
        if (digest.IsEmpty)
            return PacketVerdict.Unusable;
        bool hasTag = digest.StartsWith(body[claims.Layout.HashTag]);
        bool isOwn = IsOwn(claims, body);
        if (!hasTag && (!isOwn || claims.Version != 4 || claims.Issuer is null))
            return PacketVerdict.WrongHashTag;
        if (!isOwn)
            return PacketVerdict.ByOther;

        cost += CostOf(primaryKey);
        SignatureVerdict numbers = Key!.Verify(claims.Algorithm, claims.Hash, digest, body[claims.Layout.Material], out bool isShort);
        PacketVerdict verdict = Judge(numbers, hasTag, isShort, claims.Version);
        bool isProven = (verdict & PacketVerdict.OutcomeMask) == PacketVerdict.Proven;
        if ((!isProven && !verdict.HasFlag(PacketVerdict.ProvenLoosely)) || _component!.Tag != PacketTag.PublicSubkey)
            return verdict;
        PacketVerdict consent = FindBackSignature(claims, body, ref cost);
        return verdict | (isProven && claims.Type == SignatureType.SubkeyBinding ? consent : consent & PacketVerdict.BackSignedLoosely);
    }

    private static PacketVerdict Judge(SignatureVerdict numbers, bool hasTag, bool isShort, byte version)
    {
        if (numbers != SignatureVerdict.Invalid && hasTag && !isShort)
            return numbers == SignatureVerdict.Valid ? PacketVerdict.Proven : PacketVerdict.Proven | PacketVerdict.NotCanonical;
        PacketVerdict outcome = hasTag ? PacketVerdict.Refuted : PacketVerdict.WrongHashTag;
        return numbers != SignatureVerdict.Invalid && version == 4 ? outcome | PacketVerdict.ProvenLoosely : outcome;
    }

    private bool IsOwn(SignaturePacket claims, ReadOnlySpan<byte> body) =>
        (claims.Version == 6) == (primaryKey.Version == 6)
        && (claims.Issuer is null || claims.Issuer == primaryKey.KeyId || IssuerFields.Name(claims, body, primaryKey.KeyId));

    private PacketVerdict FindBackSignature(SignaturePacket binding, ReadOnlySpan<byte> body, ref long cost)
    {
        int tried = 0;
        PacketVerdict found = FindBackSignature(body[binding.Layout.HashedArea], ref tried, ref cost);
        if ((found & PacketVerdict.BackSigned) == 0)
            found |= FindBackSignature(body[binding.Layout.UnhashedArea], ref tried, ref cost);
        return found;
    }

    private PacketVerdict FindBackSignature(ReadOnlySpan<byte> area, ref int tried, ref long cost)
    {
        var found = PacketVerdict.NotExamined;
        var reader = new SubpacketReader(area);
        while ((found & PacketVerdict.BackSigned) == 0 && reader.MoveNext() && tried < MaxBackSignatures)
        {
            if (reader.Type != SubpacketType.EmbeddedSignature
                || !SignaturePacket.TryParse(reader.Content, out SignaturePacket claims)
                || claims.Type != SignatureType.PrimaryKeyBinding)
            {
                continue;
            }

            tried++;
            found |= VerifyBackSignature(claims, reader.Content, ref cost);
        }

        return found;
    }

    private PacketVerdict VerifyBackSignature(SignaturePacket claims, ReadOnlySpan<byte> body, ref long cost)
    {
        bool fits = IsReadable(claims) && (claims.Version == 6) == (primaryKey.Version == 6);
        if (!fits || Subkey is not { } subkey)
            return PacketVerdict.NotExamined;
        Span<byte> digest = stackalloc byte[MaxDigestLength];
        digest = digest[..Hash(claims, body, digest, ref cost)];
        bool hasTag = !digest.IsEmpty && digest.StartsWith(body[claims.Layout.HashTag]);
        if (digest.IsEmpty || (!hasTag && claims.Version != 4))
            return PacketVerdict.NotExamined;
        cost += _subkeyCost;
        SignatureVerdict numbers = subkey.Verify(claims.Algorithm, claims.Hash, digest, body[claims.Layout.Material], out bool isShort);
        if (numbers == SignatureVerdict.Invalid || (isShort && claims.Version != 4))
            return PacketVerdict.NotExamined;
        PacketVerdict loosely = PacketVerdict.BackSignedLoosely;
        if (!hasTag || isShort || !HashRules.AdmitOwn(claims, primaryKey.Version))
            return loosely;
        return loosely | PacketVerdict.BackSigned | (numbers == SignatureVerdict.Valid ? PacketVerdict.NotExamined : PacketVerdict.NotCanonical);
    }

    private int Hash(SignaturePacket claims, ReadOnlySpan<byte> body, Span<byte> digest, ref long cost)
    {
        cost += (_component!.Packet?.Body.Length + body.Length ?? body.Length) / BytesPerMicrosecond;
        return _content.Hash(claims, body, digest);
    }

    // Of a signature that does not verify, which is the dearest: libraries are not believed when they say no.
    private static long CostOf(PublicKeyPacket key) => key.Algorithm switch
    {
        PublicKeyAlgorithm.Rsa or PublicKeyAlgorithm.RsaSignOnly => CostOfRsa(key.Material.Span),
        PublicKeyAlgorithm.SlhDsaShake128s or PublicKeyAlgorithm.SlhDsaShake128f or PublicKeyAlgorithm.SlhDsaShake256s => 2000,
        PublicKeyAlgorithm.MlDsa87Ed448 or PublicKeyAlgorithm.Ed448 => 900,
        PublicKeyAlgorithm.EdDsaLegacy or PublicKeyAlgorithm.Ed25519 => 50,
        PublicKeyAlgorithm.Dsa or PublicKeyAlgorithm.Ecdsa => 5000,
        _ => 300,
    };

    // One multiplication for each bit of the exponent, and for each that is set; each takes the square of the modulus' length.
    private static long CostOfRsa(ReadOnlySpan<byte> material)
    {
        if (!MultiprecisionInteger.TryRead(ref material, out ReadOnlySpan<byte> modulus)
            || !MultiprecisionInteger.TryRead(ref material, out ReadOnlySpan<byte> exponent))
        {
            return RsaCost;
        }

        long multiplications = 0;
        foreach (byte digit in exponent)
            multiplications += 8 + BitOperations.PopCount(digit);
        long limbs = modulus.Length / sizeof(ulong);
        return RsaCost + (limbs * limbs * multiplications / LimbProductsPerMicrosecond);
    }
}
