using Sks.OpenPgp;
using Sks.Storage;

namespace Sks.Node.Admission;

/// <summary>Decides what of a certificate that comes in is stored: the same online and offline.</summary>
/// <remarks>
/// The clean view is always made of everything that is known: what is stored in either view and what comes in. The full view takes from
/// imports and SKS peers what SKS would take, until it is frozen; from peers of our own kind only what enters the clean view, from clients
/// too unless the operator wants everything; for version 6 there is none. A frozen full view still takes what enters the clean view, so that nobody can
/// keep a revocation away by flooding; to make room it gives up what is not in the clean view, largest first. Of a proven signature it
/// takes one variant only, the one that came first, so that the SKS network gets no second one from here.
/// </remarks>
internal sealed class CertificateAdmission : IDisposable
{
    private readonly AdmissionRules _rules;
    private readonly StoredCertificate? _stored;
    private readonly VerifiedCertificate? _storedFull;
    private readonly List<VerifiedCertificate?> _storedClean = [];
    private readonly Certificate _incoming;

    /// <summary>Begins with what is stored and what comes in.</summary>
    /// <param name="rules">What is admitted.</param>
    /// <param name="stored">The certificate as it is stored; null when it is not.</param>
    /// <param name="incoming">What comes in.</param>
    public CertificateAdmission(AdmissionRules rules, StoredCertificate? stored, VerifiedCertificate incoming)
    {
        _rules = rules;
        _stored = stored;
        _incoming = incoming.Certificate;
        Examination = new CertificateExamination(_incoming.PrimaryKey);
        Examination.Add(incoming);
        _storedFull = stored?.ReadFullView();
        if (_storedFull is not null)
            Examination.Add(_storedFull);
        foreach (CleanViewPolicy policy in rules.Policies)
        {
            VerifiedCertificate? clean = stored?.ReadCleanView(policy.Version);
            _storedClean.Add(clean);
            if (clean is not null)
                Examination.Add(clean);
        }
    }

    /// <summary>Everything that is known; to be verified before <see cref="Decide"/>.</summary>
    public CertificateExamination Examination { get; }

    /// <summary>What is to be stored; null when there is nothing that may be.</summary>
    /// <param name="source">Where the certificate comes from.</param>
    /// <param name="mustBeProven">Whether nothing unproven is admitted even from sources that else may bring it.</param>
    public CertificateViews? Decide(ChangeSource source, bool mustBeProven = false)
    {
        CleanView[] clean = [.. _rules.Policies.Select(Examination.Select)];
        return CertificateViews.Of(Examination, ChooseFull(clean, !mustBeProven && _rules.AdmitUnproven(source)), clean);
    }

    /// <summary>Whether storing these views would change nothing.</summary>
    public bool IsStored(CertificateViews views) => _stored is not null && _stored.Holds(views);

    /// <summary>Whether what the owner has made of a clean view would grow beyond what a certificate may have.</summary>
    /// <remarks>Key revocations on their own are never too much: whoever has stolen the key must not be able to keep them away.</remarks>
    public bool IsTooLarge(CertificateViews views)
    {
        if (ReferenceEquals(CertificateReducer.OnlyRevocations(_incoming), _incoming))
            return false;
        for (int i = 0; i < views.Clean.Count; i++)
        {
            long length = MeasureOwn(views.VerifiedClean(i));
            if (length > _rules.MaxOwnBytes && length > MeasureOwn(_storedClean[i]))
                return true;
        }

        return false;
    }

    /// <summary>How many packets came in that were not known and are not in the clean view, by the reason why.</summary>
    public IReadOnlyDictionary<PacketFate, int> CountLeftOut()
    {
        var known = new PacketSet([_storedFull?.Certificate, .. _storedClean.Select(static clean => clean?.Certificate)]);
        Dictionary<PacketFate, int> counts = [];
        foreach (PacketFinding finding in Examination.Explain(_rules.Policies[^1]))
        {
            bool isKnown = finding.Packet.Tag switch
            {
                PacketTag.PublicKey => true,
                PacketTag.Signature => known.ContainsSignature(finding.Component, finding.Packet),
                _ => known.ContainsComponent(finding.Packet),
            };
            if (!isKnown && finding.Fate != PacketFate.Kept)
                counts[finding.Fate] = counts.GetValueOrDefault(finding.Fate) + 1;
        }

        return counts;
    }

    /// <inheritdoc/>
    public void Dispose() => Examination.Dispose();

    // Bytes of what the owner has made. Strangers' signatures do not count: they are bounded, and must not keep the owner's away.
    private static long MeasureOwn(VerifiedCertificate? view)
    {
        long bytes = 0;
        int index = 0;
        foreach (Packet packet in view?.Certificate.Packets ?? [])
        {
            PacketVerdict outcome = view!.Verdicts.Span[index++] & PacketVerdict.OutcomeMask;
            if (packet.Tag != PacketTag.Signature || outcome == PacketVerdict.Proven)
                bytes += PacketWriter.GetLength(packet);
        }

        return bytes;
    }

    private Certificate? ChooseFull(CleanView[] clean, bool admitsUnproven)
    {
        if (_incoming.PrimaryKey.Version > 4)
            return null;
        Certificate? full = _storedFull?.Certificate;
        Certificate? kept = AddNewlyClean(full, clean);
        if (admitsUnproven)
        {
            Certificate union = full is null ? _incoming : CertificateMerger.Merge(full, _incoming);
            return _rules.Bounds.Hold(union) ? union : _rules.Bounds.Fill(Shrink(kept, clean), union);
        }

        return kept is null ? null : Shrink(kept, clean);
    }

    // Adds what is in a clean view now and was not stored before. What was in the clean view alone stays out of the full view.
    private Certificate? AddNewlyClean(Certificate? full, CleanView[] clean)
    {
        for (int i = 0; i < clean.Length; i++)
        {
            if (clean[i].Certificate is { } view && Examination.NewIn(view, new PacketSet(full, _storedClean[i]?.Certificate)) is { } added)
                full = full is null ? added : CertificateMerger.Merge(full, added);
        }

        return full;
    }

    // Where strangers grind signatures into the clean view one after the other, those that it has given up must not stay for ever.
    private Certificate? Shrink(Certificate? full, CleanView[] clean)
    {
        if (full is null || _rules.Bounds.Hold(full))
            return full;
        var inCleanViews = new PacketSet([.. clean.Select(static view => view.Certificate)]);
        return _rules.Bounds.Fill(inCleanViews.PartOf(full), full);
    }
}
