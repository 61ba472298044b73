using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace Sks.OpenPgp;

/// <summary>What a policy keeps of one component, as far as the component alone decides.</summary>
internal sealed class ComponentSelection
{
    private readonly CleanViewPolicy _policy;
    private readonly PublicKeyPacket _primaryKey;
    private readonly PublicKeyPacket? _subkey;
    private readonly PacketFate[] _fates;
    private readonly Dictionary<int, byte[]> _hashes = [];
    private readonly List<int> _own = [];
    private readonly List<int> _thirdParty = [];
    private readonly List<int> _revocationsByOthers = [];

    public ComponentSelection(ComponentEvidence evidence, PublicKeyPacket primaryKey, CleanViewPolicy policy)
    {
        Evidence = evidence;
        _primaryKey = primaryKey;
        _policy = policy;
        _fates = new PacketFate[evidence.Signatures.Count];
        if (evidence.Tag == PacketTag.PublicSubkey && PublicKeyPacket.TryParse(evidence.Packet!.Value.Body, out PublicKeyPacket subkey, out _))
            _subkey = subkey;
        Fate = CheckComponent();
        if (Fate != PacketFate.Kept)
            return;

        for (int i = 0; i < _fates.Length; i++)
            _fates[i] = Sort(i);
        KeepBestVariants();
        KeepRevocations();
        KeepAttestations();
        KeepSelfSignatures();
        if (evidence.Packet is not null && _own.TrueForAll(i => Claims(i).Type == SignatureType.Attestation))
            Fate = PacketFate.Unproven;
    }

    /// <summary>What the selection is made from.</summary>
    public ComponentEvidence Evidence { get; }

    /// <summary>Whether the component itself is kept.</summary>
    public PacketFate Fate { get; private set; }

    /// <summary>Whether the certificate's own key has said something about the component that counts.</summary>
    public bool IsProven => Fate == PacketFate.Kept && _own.Count > 0;

    /// <summary>When the newest self-signature on it was made, in seconds since 1970; 0 when there is none, as on what is only revoked.</summary>
    public uint NewestSelfSignature => _own
        .Select(Claims)
        .Where(static claims => !claims.IsRevocation && claims.Type != SignatureType.Attestation)
        .Select(static claims => claims.CreationTime!.Value)
        .DefaultIfEmpty()
        .Max();

    /// <summary>The signatures of the owner that are kept.</summary>
    public IEnumerable<SignatureEvidence> Own => _own.Select(i => Evidence.Signatures[i]);

    /// <summary>Everything that is kept, in canonical order.</summary>
    public IEnumerable<Packet> Kept => Evidence.Signatures.Where((_, i) => _fates[i] == PacketFate.Kept).Select(static signature => signature.Packet);

    /// <summary>Whether each signature is kept, in the order of the evidence.</summary>
    public IReadOnlyList<PacketFate> SignatureFates => _fates;

    /// <summary>Whether somebody else's revocations wait for <see cref="KeepDesignatedRevocations"/>.</summary>
    public bool HasRevocationsByOthers => _revocationsByOthers.Count > 0;

    /// <summary>Leaves the component out, with everything on it.</summary>
    public void LeaveOut(PacketFate fate)
    {
        Fate = fate;
        foreach (ref PacketFate signature in _fates.AsSpan())
        {
            if (signature == PacketFate.Kept)
                signature = PacketFate.ComponentLeftOut;
        }
    }

    /// <summary>Keeps attested third-party signatures, and some others.</summary>
    public void KeepThirdPartySignatures()
    {
        AttestedCertifications attested = AttestedCertifications.Read(Own);
        HashSet<int> chosen = attested.IsEmpty ? [] : attested.ChooseFrom(Evidence.Signatures, _thirdParty);
        List<int> others = [.. _thirdParty.Where(i => !chosen.Contains(i))];
        KeepByHash(others, _policy.MaxThirdPartySignatures, PacketFate.EnoughThirdPartySignatures);
    }

    /// <summary>Keeps revocations by others when they name one of these revokers.</summary>
    public void KeepDesignatedRevocations(IReadOnlySet<KeyId> revokers)
    {
        List<int> designated = [];
        foreach (int i in _revocationsByOthers)
        {
            bool isDesignated = IssuerFields.NameOneOf(Claims(i), Evidence.Signatures[i].Packet.Span, revokers);
            _fates[i] = isDesignated ? PacketFate.Kept : PacketFate.RevokerNotDesignated;
            if (isDesignated)
                designated.Add(i);
        }

        KeepByHash(designated, _policy.MaxDesignatedRevocations, PacketFate.EnoughDesignatedRevocations);
    }

    private SignaturePacket Claims(int index) => Evidence.Signatures[index].Claims!;

    private PacketFate CheckComponent() => Evidence.Tag switch
    {
        PacketTag.UserId when Evidence.Packet!.Value.Body.Length > CleanViewPolicy.MaxUserIdBytes => PacketFate.ComponentTooLarge,
        PacketTag.UserAttribute when Evidence.Packet!.Value.Body.Length > CleanViewPolicy.MaxAttributeBytes => PacketFate.ComponentTooLarge,
        PacketTag.PublicSubkey when Evidence.Packet!.Value.Body.Length > CleanViewPolicy.MaxSubkeyBytes => PacketFate.ComponentTooLarge,
        PacketTag.PublicSubkey when _subkey is null || !SubkeyRules.Admit(_subkey, _primaryKey) => PacketFate.UnknownAlgorithm,
        _ => PacketFate.Kept,
    };

    // Puts a signature into the list it competes in, or says why it does not compete.
    private PacketFate Sort(int index)
    {
        SignatureEvidence signature = Evidence.Signatures[index];
        PacketFate fate = signature.Outcome switch
        {
            PacketVerdict.Proven => CheckOwn(signature),
            PacketVerdict.ByOther or PacketVerdict.Refuted => CheckOther(signature),
            PacketVerdict.WrongHashTag => PacketFate.WrongHashTag,
            _ => PacketFate.Unusable,
        };
        if (fate == PacketFate.Kept)
            ListOf(signature).Add(index);
        return fate;
    }

    private List<int> ListOf(SignatureEvidence signature)
    {
        if (signature.Outcome == PacketVerdict.Proven)
            return _own;
        return IsKeyRevocation(signature.Claims!) ? _revocationsByOthers : _thirdParty;
    }

    private static bool IsKeyRevocation(SignaturePacket claims) => claims.Type is SignatureType.KeyRevocation or SignatureType.SubkeyRevocation;

    private PacketFate CheckOwn(SignatureEvidence signature)
    {
        SignaturePacket claims = signature.Claims!;
        PacketFate fate = CheckContent(claims);
        if (fate != PacketFate.Kept)
            return fate;
        if (!HashRules.AdmitOwn(claims, _primaryKey.Version))
            return PacketFate.WeakHash;
        bool lacksConsent = claims.Type == SignatureType.SubkeyBinding
            && SubkeyRules.NeedsBackSignature(claims, _subkey!)
            && !signature.Verdict.HasFlag(PacketVerdict.BackSigned);
        return lacksConsent ? PacketFate.NoBackSignature : PacketFate.Kept;
    }

    private PacketFate CheckOther(SignatureEvidence signature)
    {
        SignaturePacket claims = signature.Claims!;
        PacketFate fate = CheckContent(claims);
        if (fate != PacketFate.Kept)
            return fate;
        bool isForged = IsKeyRevocation(claims) && signature.Outcome == PacketVerdict.Refuted;
        if (isForged || claims.Type is SignatureType.SubkeyBinding or SignatureType.Attestation)
            return PacketFate.NotByOwner;
        if (signature.Packet.Body.Length > _policy.MaxThirdPartySignatureBytes)
            return PacketFate.SignatureTooLarge;
        bool isAdmitted = IsKeyRevocation(claims)
            ? HashRules.AdmitOwn(claims, _primaryKey.Version)
            : HashRules.AdmitOther(claims, _primaryKey.Version);
        return isAdmitted ? PacketFate.Kept : PacketFate.WeakHash;
    }

    private PacketFate CheckContent(SignaturePacket claims)
    {
        if (!claims.IsExportable)
            return PacketFate.NotExportable;
        if (claims.HasSensitiveRevoker)
            return PacketFate.SensitiveRevoker;
        return claims.NotationLength > _policy.MaxNotationBytes ? PacketFate.NotationsTooLarge : PacketFate.Kept;
    }

    private void KeepBestVariants()
    {
        if (_own.Count < 2)
            return;

        var variants = new SignatureVariants(_primaryKey, _policy.MaxUnhashedBytes);
        foreach (int i in _own)
        {
            if (variants.Add(Evidence.Signatures[i], i) is { } inferior)
                _fates[inferior] = PacketFate.OtherVariantKept;
        }

        RemoveLeftOut();
    }

    private void KeepRevocations() => KeepFirst(
        static claims => claims.IsRevocation,
        (left, right) => Claims(left).IsHardRevocation != Claims(right).IsHardRevocation
            ? Claims(left).IsHardRevocation ? -1 : 1
            : CompareNewestFirst(left, right),
        _policy.MaxOwnRevocations,
        PacketFate.EnoughRevocations);

    private void KeepSelfSignatures() => KeepFirst(
        static claims => !claims.IsRevocation && claims.Type != SignatureType.Attestation,
        CompareNewestFirst,
        _policy.MaxSelfSignatures,
        PacketFate.EnoughSelfSignatures);

    private void KeepAttestations()
    {
        static bool IsAttestation(SignaturePacket claims) => claims.Type == SignatureType.Attestation;
        List<int> attestations = [.. _own.Where(i => IsAttestation(Claims(i)))];
        if (attestations.Count == 0)
            return;
        uint newest = attestations.Max(i => Claims(i).CreationTime!.Value);
        foreach (int i in attestations)
        {
            if (Claims(i).CreationTime < newest)
                _fates[i] = PacketFate.AttestationReplaced;
        }

        RemoveLeftOut();
        KeepFirst(IsAttestation, CompareNewestFirst, _policy.MaxAttestations, PacketFate.AttestationReplaced);
    }

    private void KeepFirst(Predicate<SignaturePacket> competes, Comparison<int> order, int count, PacketFate otherwise)
    {
        List<int> competing = [.. _own.Where(i => competes(Claims(i)))];
        if (competing.Count <= count)
            return;
        competing.Sort(order);
        foreach (int i in CollectionsMarshal.AsSpan(competing)[count..])
            _fates[i] = otherwise;
        RemoveLeftOut();
    }

    private void RemoveLeftOut() => _own.RemoveAll(i => _fates[i] != PacketFate.Kept);

    private int CompareNewestFirst(int left, int right)
    {
        int byTime = Claims(right).CreationTime!.Value.CompareTo(Claims(left).CreationTime!.Value);
        return byTime != 0 ? byTime : HashOf(left).AsSpan().SequenceCompareTo(HashOf(right));
    }

    // Of what tells the signature from others, so that all its variants stand in one place. Once for each: an owner can make thousands
    // in one second.
    private byte[] HashOf(int index)
    {
        if (!_hashes.TryGetValue(index, out byte[]? hash))
            _hashes.Add(index, hash = SHA256.HashData(SignatureVariants.KeyOf(Evidence.Signatures[index]).Span));
        return hash;
    }

    // An order that whoever floods a certificate has to work for, and that is the same everywhere.
    private void KeepByHash(List<int> signatures, int count, PacketFate otherwise)
    {
        if (signatures.Count <= count)
            return;
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var keys = new byte[signatures.Count][];
        for (int i = 0; i < keys.Length; i++)
        {
            hash.AppendData(_primaryKey.Fingerprint.Span);
            hash.AppendData(Evidence.Signatures[signatures[i]].Packet.Span);
            keys[i] = hash.GetHashAndReset();
        }

        int[] ordered = [.. signatures];
        Array.Sort(keys, ordered, Comparer<byte[]>.Create(static (left, right) => left.AsSpan().SequenceCompareTo(right)));
        foreach (int i in ordered.AsSpan(count))
            _fates[i] = otherwise;
    }
}
