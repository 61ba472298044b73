namespace Sks.OpenPgp;

/// <summary>Gathers everything known of one certificate, verifies what was not verified before, and makes views of it.</summary>
/// <remarks>
/// <para>Add all sources, <see cref="Advance"/> until it says that all is done, then select. What is verified goes by facts that no policy can
/// change, so that several policies share one examination.</para>
/// <para>A signature is about what its type says: about the primary key alone (0x1F, 0x20) wherever it stands, otherwise about the component it
/// stands under. Signatures of other types are unusable there. Tried with the certificate's own key are those that name it as issuer in either
/// area, and those that name nobody; for all others the first 16 bits of the hash must fit.</para>
/// <para>Not thread-safe. Dispose it.</para>
/// </remarks>
public sealed class CertificateExamination : IDisposable
{
    /// <summary>Number of the rules by which verdicts are found. Verdicts found by other rules are not to be added.</summary>
    public const byte RulesVersion = 2;

    private static readonly Comparer<ComponentEvidence> ByPacket = Comparer<ComponentEvidence>.Create(static (left, right) =>
        Rank(left.Tag) != Rank(right.Tag)
            ? Rank(left.Tag) - Rank(right.Tag)
            : PacketComparison.ForOutput(left.Packet!.Value, right.Packet!.Value));

    private readonly ComponentEvidence _direct = new(null);
    private readonly List<ComponentEvidence> _components = [];
    private readonly SignatureVerifier _verifier;
    private List<ComponentEvidence>? _all;
    private int _component;
    private int _signature;

    /// <summary>Starts without anything but the primary key.</summary>
    public CertificateExamination(PublicKeyPacket primaryKey)
    {
        PrimaryKey = primaryKey;
        _verifier = new SignatureVerifier(primaryKey);
    }

    /// <summary>The primary key.</summary>
    public PublicKeyPacket PrimaryKey { get; }

    /// <summary>Which certificate it is; known when something was added.</summary>
    internal CertificateIdentity Identity { get; private set; }

    /// <summary>What verifying has cost so far: about so many microseconds of one core, by the work and not by a clock.</summary>
    public long Cost { get; private set; }

    /// <summary>Primary key, user IDs, attributes and subkeys, in canonical order. Only when everything was added.</summary>
    internal IReadOnlyList<ComponentEvidence> Components => _all ??= Unite();

    /// <summary>Adds packets of which nothing is known.</summary>
    /// <exception cref="ArgumentException">It is another certificate.</exception>
    public void Add(Certificate certificate) => Add(certificate, default);

    /// <summary>Adds packets that were examined before, by these rules.</summary>
    /// <exception cref="ArgumentException">It is another certificate.</exception>
    public void Add(VerifiedCertificate known) => Add(known.Certificate, known.Verdicts.Span);

    /// <summary>Verifies what is not verified yet.</summary>
    /// <param name="maxCost">Where to pause: about so many microseconds of one core. At least one signature is looked at.</param>
    /// <returns>Whether all is done.</returns>
    public bool Advance(long maxCost)
    {
        IReadOnlyList<ComponentEvidence> components = Components;
        long end = maxCost > long.MaxValue - Cost ? long.MaxValue : Cost + maxCost;
        bool hasLooked = false;
        for (; _component < components.Count; _component++, _signature = 0)
        {
            ComponentEvidence component = components[_component];
            if (!_verifier.CanVerify(component))
                continue;
            bool isSet = false;
            for (; _signature < component.Signatures.Count; _signature++)
            {
                SignatureEvidence signature = component.Signatures[_signature];
                if (signature.Verdict != PacketVerdict.NotExamined)
                    continue;
                if (Cost >= end && hasLooked)
                    return false;
                if (!isSet)
                {
                    _verifier.SetComponent(component);
                    isSet = true;
                }

                Cost += _verifier.Examine(signature);
                hasLooked = true;
            }
        }

        return true;
    }

    /// <summary>The clean view under a policy. Everything must be verified.</summary>
    public CleanView Select(CleanViewPolicy policy)
    {
        Advance(long.MaxValue);
        return CleanView.Of(policy.Version, new CleanViewSelection(this, policy).ToCertificate());
    }

    /// <summary>What becomes of every packet under a policy, in canonical order. Everything must be verified.</summary>
    public IReadOnlyList<PacketFinding> Explain(CleanViewPolicy policy)
    {
        Advance(long.MaxValue);
        var selection = new CleanViewSelection(this, policy);
        PacketFate all = selection.IsProven ? PacketFate.Kept : PacketFate.Unproven;
        List<PacketFinding> findings = [new(new Packet(PacketTag.PublicKey, PrimaryKey.Body), null, PacketVerdict.NotExamined, all)];
        foreach (ComponentSelection component in selection.Components)
        {
            Packet? packet = component.Evidence.Packet;
            if (packet is { } self)
                findings.Add(new PacketFinding(self, self, PacketVerdict.NotExamined, component.Fate));
            for (int i = 0; i < component.SignatureFates.Count; i++)
            {
                SignatureEvidence signature = component.Evidence.Signatures[i];
                PacketFate fate = component.SignatureFates[i];
                findings.Add(new PacketFinding(signature.Packet, packet, signature.Verdict, fate == PacketFate.Kept ? all : fate));
            }
        }

        return findings;
    }

    /// <summary>What a view has beyond known packets, except variants of proven signatures that are known; null when it is nothing.</summary>
    /// <remarks>A binding that brings a subkey's consent is no variant of one that does not.</remarks>
    public Certificate? NewIn(Certificate view, PacketSet known)
    {
        if (known.RestOf(view) is not { } rest)
            return null;
        List<Packet> direct = KeepNew(_direct, rest.DirectSignatures, known);
        List<CertificateComponent> userIds = KeepNew(rest.UserIds, known);
        List<CertificateComponent> subkeys = KeepNew(rest.Subkeys, known);
        return direct.Count + userIds.Count + subkeys.Count == 0
            ? null
            : new Certificate(PrimaryKey, Identity, direct, userIds, subkeys);
    }

    /// <summary>The verdicts on the packets of a certificate whose packets were all added.</summary>
    public VerifiedCertificate Verdicts(Certificate certificate)
    {
        var verdicts = new PacketVerdict[certificate.PacketCount];
        int next = 1;
        foreach (Packet signature in certificate.DirectSignatures)
            verdicts[next++] = _direct.VerdictOf(signature);
        int at = 1; // behind the primary key; both lists are in canonical order
        foreach (CertificateComponent component in certificate.UserIds.Concat(certificate.Subkeys))
        {
            next++;
            while (!Components[at].Packet!.Value.SameAs(component.Packet))
                at++;
            foreach (Packet signature in component.Signatures)
                verdicts[next++] = HomeOf(Components[at], signature).VerdictOf(signature);
        }

        return new VerifiedCertificate(certificate, verdicts);
    }

    /// <inheritdoc/>
    public void Dispose() => _verifier.Dispose();

    private void Add(Certificate certificate, ReadOnlySpan<PacketVerdict> verdicts)
    {
        if (!certificate.PrimaryKey.Body.Span.SequenceEqual(PrimaryKey.Body.Span))
            throw new ArgumentException("Only versions of one certificate can be examined together.", nameof(certificate));
        if (_all is not null)
            throw new InvalidOperationException("The examination has begun.");
        Identity = certificate.Identity;

        int next = 1;
        foreach (Packet signature in certificate.DirectSignatures)
            _direct.Add(signature, Take(verdicts, next++));
        foreach (CertificateComponent component in certificate.UserIds.Concat(certificate.Subkeys))
        {
            next++;
            var evidence = new ComponentEvidence(component.Packet);
            _components.Add(evidence);
            foreach (Packet signature in component.Signatures)
                HomeOf(evidence, signature).Add(signature, Take(verdicts, next++));
        }
    }

    private List<CertificateComponent> KeepNew(IReadOnlyList<CertificateComponent> components, PacketSet known)
    {
        List<CertificateComponent> kept = [];
        foreach (CertificateComponent component in components)
        {
            ComponentEvidence evidence = Components.First(candidate => candidate.Packet is { } packet && packet.SameAs(component.Packet));
            List<Packet> signatures = KeepNew(evidence, component.Signatures, known);
            if (signatures.Count > 0 || !known.ContainsComponent(component.Packet))
                kept.Add(new CertificateComponent(component.Packet, signatures));
        }

        return kept;
    }

    private static List<Packet> KeepNew(ComponentEvidence evidence, IReadOnlyList<Packet> signatures, PacketSet known)
    {
        HashSet<ReadOnlyMemory<byte>> knownKeys = new(BytesComparer.Instance);
        foreach (SignatureEvidence signature in evidence.Signatures)
        {
            if (signature.Outcome == PacketVerdict.Proven && known.ContainsSignature(evidence.Packet, signature.Packet))
                knownKeys.Add(KeyOf(signature));
        }

        HashSet<ReadOnlyMemory<byte>> wanted = new(signatures.Select(static packet => packet.Body), BytesComparer.Instance);
        return
        [
            .. evidence.Signatures
                .Where(signature => wanted.Contains(signature.Packet.Body))
                .Where(signature => signature.Outcome != PacketVerdict.Proven || !knownKeys.Contains(KeyOf(signature)))
                .Select(static signature => signature.Packet),
        ];

        static ReadOnlyMemory<byte> KeyOf(SignatureEvidence signature) =>
            (byte[])[.. SignatureVariants.KeyOf(signature).Span, (byte)(signature.Verdict & PacketVerdict.BackSigned)];
    }

    private static PacketVerdict Take(ReadOnlySpan<PacketVerdict> verdicts, int index) =>
        verdicts.IsEmpty ? PacketVerdict.NotExamined : verdicts[index];

    // Key revocations and direct-key signatures are about the primary key, wherever merging or editing has left them.
    private ComponentEvidence HomeOf(ComponentEvidence standsUnder, in Packet signature) =>
        IsAboutPrimaryKey(signature.Span) ? _direct : standsUnder;

    private static bool IsAboutPrimaryKey(ReadOnlySpan<byte> body) => body switch
    {
        [2 or 3, _, var type, ..] => IsAboutPrimaryKey((SignatureType)type),
        [4 or 6, var type, ..] => IsAboutPrimaryKey((SignatureType)type),
        _ => false,
    };

    private static bool IsAboutPrimaryKey(SignatureType type) => type is SignatureType.DirectKey or SignatureType.KeyRevocation;

    private List<ComponentEvidence> Unite()
    {
        // A stable sort: which of two equal packets is kept decides nothing, but repeatable memory use is easier to reason about.
        var all = new List<ComponentEvidence>(_components.Count + 1) { _direct };
        foreach (ComponentEvidence component in _components.Order(ByPacket))
        {
            if (all.Count > 1 && all[^1].Packet!.Value.SameAs(component.Packet!.Value))
                all[^1].AddAll(component);
            else
                all.Add(component);
        }

        return all;
    }

    // In a certificate user IDs and attributes come before subkeys, whose tag lies between theirs.
    private static int Rank(PacketTag tag) => tag == PacketTag.PublicSubkey ? 1 : 0;
}
