namespace Sks.OpenPgp;

/// <summary>Cleans one certificate by the rules of a dialect.</summary>
internal sealed class DialectSelection
{
    private readonly DialectRules _rules;
    private readonly VerifiedCertificate _held;
    private readonly PublicKeyPacket _primaryKey;
    private readonly List<Judged> _direct = [];
    private readonly List<(Packet Packet, List<Judged> Signatures)> _userIds = [];
    private readonly List<(Packet Packet, List<Judged> Signatures)> _subkeys = [];
    private readonly Dictionary<Fingerprint, List<Judged>> _bySubkey = [];

    public DialectSelection(DialectRules rules, VerifiedCertificate held)
    {
        _rules = rules;
        _held = held;
        _primaryKey = held.Certificate.PrimaryKey;
    }

    /// <summary>What is left; null for nothing.</summary>
    public Certificate? ToCertificate()
    {
        // Version 3 signatures are the only ones on version 3 keys, and the dialects hash those keys in a way that nobody else does.
        if (_primaryKey.Version < 4 || _primaryKey.Body.Length > DialectRules.MaxPacketBytes || !DialectKeys.CanRead(_primaryKey, _rules))
            return null;
        if (MeasureBodies() > DialectRules.MaxCertificateBytes)
            return null;

        Judge();
        bool isHardRevoked = _direct.Exists(static signature => signature is { IsOwn: true, Signature: { Type: SignatureType.KeyRevocation, IsHard: true } });
        List<Packet> direct = Keep(_direct, isHardRevoked);
        List<CertificateComponent> userIds = isHardRevoked ? [] : Keep(_userIds, isHardRevoked);
        List<CertificateComponent> subkeys = Keep(_subkeys, isHardRevoked);
        return userIds.Count + subkeys.Count == 0 && !_direct.Exists(static signature => signature.IsOwn)
            ? null
            : new Certificate(_primaryKey, _held.Certificate.Identity, direct, userIds, subkeys);
    }

    private long MeasureBodies()
    {
        long bytes = 0;
        foreach (Packet packet in _held.Certificate.Packets)
            bytes += _rules.IsTooLarge(packet) ? 0 : packet.Body.Length;
        return bytes;
    }

    private void Judge()
    {
        ReadOnlySpan<PacketVerdict> verdicts = _held.Verdicts.Span;
        int next = 1; // behind the primary key
        foreach (Packet signature in _held.Certificate.DirectSignatures)
            Judge(signature, verdicts[next++], new Packet(PacketTag.PublicKey, _primaryKey.Body), null, _direct);
        foreach (CertificateComponent component in _held.Certificate.UserIds.Concat(_held.Certificate.Subkeys))
        {
            next++;
            PublicKeyPacket? subkey = null;
            bool isReadable = !_rules.IsTooLarge(component.Packet) && CanRead(component.Packet, out subkey);
            List<Judged> judged = [];
            foreach (Packet signature in component.Signatures)
            {
                if (isReadable)
                    Judge(signature, verdicts[next], component.Packet, subkey, judged);
                next++;
            }

            if (isReadable)
                AddComponent(component.Packet, subkey, judged);
        }
    }

    private bool CanRead(in Packet component, out PublicKeyPacket? subkey)
    {
        subkey = null;
        switch (component.Tag)
        {
            case PacketTag.UserId:
                return !component.Span.Contains((byte)0);
            case PacketTag.PublicSubkey when PublicKeyPacket.TryParse(component.Body, out PublicKeyPacket key, out _):
                subkey = key;
                return DialectKeys.CanRead(key, _rules)
                    && (!_rules.KnowsRfc9980 || key.Version == _primaryKey.Version || (key.Version < 6 && _primaryKey.Version < 6));
            default:
                return false; // there are no user attributes
        }
    }

    // Subkeys that differ only behind their material are one: the first counts.
    private void AddComponent(in Packet packet, PublicKeyPacket? subkey, List<Judged> signatures)
    {
        if (subkey is null)
        {
            _userIds.Add((packet, signatures));
        }
        else if (_bySubkey.TryGetValue(subkey.Fingerprint, out List<Judged>? known))
        {
            known.AddRange(signatures);
        }
        else
        {
            _bySubkey.Add(subkey.Fingerprint, signatures);
            _subkeys.Add((packet, signatures));
        }
    }

    private void Judge(in Packet packet, PacketVerdict verdict, in Packet component, PublicKeyPacket? subkey, List<Judged> judged)
    {
        if (_rules.IsTooLarge(packet) || DialectSignature.TryRead(packet.Span, _rules) is not { } signature)
            return;
        bool isOwn = signature.Claims(_primaryKey);
        if (!HasPlace(signature.Type, component.Tag, isOwn))
            return;
        if (isOwn ? IsProven(signature, verdict, subkey) : IsPlausible(verdict))
            judged.Add(new Judged(packet, signature, isOwn));
    }

    private static bool HasPlace(SignatureType type, PacketTag component, bool isOwn) => component switch
    {
        PacketTag.PublicKey => type is SignatureType.KeyRevocation or SignatureType.DirectKey,
        PacketTag.UserId => type is (>= SignatureType.GenericCertification and <= SignatureType.PositiveCertification) or SignatureType.CertificationRevocation,
        _ => type == SignatureType.SubkeyRevocation || (isOwn && type == SignatureType.SubkeyBinding),
    };

    private bool IsProven(DialectSignature signature, PacketVerdict verdict, PublicKeyPacket? subkey)
    {
        bool verifies = (verdict & PacketVerdict.OutcomeMask) == PacketVerdict.Proven || verdict.HasFlag(PacketVerdict.ProvenLoosely);
        bool accepted = subkey is null || !signature.NeedsBackSignature || (verdict & (PacketVerdict.BackSigned | PacketVerdict.BackSignedLoosely)) != 0;
        return verifies && accepted && signature.Algorithm == _primaryKey.Algorithm && AdmitsVersion(signature, subkey);
    }

    // Version 3 signatures have no key flags: where a subkey could sign they would let it without its consent.
    private bool AdmitsVersion(DialectSignature signature, PublicKeyPacket? subkey) => signature.Version >= 4
        || (signature.Type != SignatureType.DirectKey && (subkey is null || !DialectKeys.CanSign(subkey.Algorithm, _rules)));

    // Only the first 16 bits of the hash count for what others have made.
    private static bool IsPlausible(PacketVerdict verdict) =>
        (verdict & PacketVerdict.OutcomeMask) is PacketVerdict.ByOther or PacketVerdict.Proven or PacketVerdict.Refuted;

    private List<CertificateComponent> Keep(List<(Packet Packet, List<Judged> Signatures)> components, bool isHardRevoked) =>
    [
        .. components
            .Where(static component => component.Signatures.Exists(static signature => signature.IsOwn))
            .Select(component => new CertificateComponent(component.Packet, Keep(component.Signatures, isHardRevoked))),
    ];

    private List<Packet> Keep(List<Judged> signatures, bool isHardRevoked)
    {
        List<Judged> kept = [.. signatures.Where(signature => signature.IsOwn || !isHardRevoked)];
        if (_rules.KnowsRfc9980)
            DropBehindSlhDsa(kept);
        HashSet<ReadOnlyMemory<byte>> seen = new(BytesComparer.Instance);
        List<Packet> packets = [.. kept.Select(static signature => signature.Packet).Where(packet => seen.Add(packet.Body))];
        packets.Sort(PacketComparison.ForOutput);
        return packets;
    }

    // They are so large that one is enough: self-certifications older than the newest of them go.
    private static void DropBehindSlhDsa(List<Judged> kept)
    {
        List<Judged> certifications = [.. kept.Where(static one => one.IsOwn && !IsRevocation(one.Signature.Type)).OrderByDescending(static one => one.Signature.CreationTime)];
        int first = certifications.FindIndex(static one =>
            one.Signature.Algorithm is >= PublicKeyAlgorithm.SlhDsaShake128s and <= PublicKeyAlgorithm.SlhDsaShake256s);
        if (first < 0)
            return;
        HashSet<Judged> dropped = [.. certifications.Skip(first + 1)];
        kept.RemoveAll(dropped.Contains);
    }

    private static bool IsRevocation(SignatureType type) =>
        type is SignatureType.KeyRevocation or SignatureType.SubkeyRevocation or SignatureType.CertificationRevocation;

    private sealed class Judged(Packet packet, DialectSignature signature, bool isOwn)
    {
        public Packet Packet { get; } = packet;

        public DialectSignature Signature { get; } = signature;

        public bool IsOwn { get; } = isOwn;
    }
}
