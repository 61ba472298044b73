using Sks.OpenPgp;
using Sks.Storage;

namespace Sks.Node.Admission;

/// <summary>Decides what of a certificate that comes in is stored: the same online and offline.</summary>
/// <remarks>
/// The clean view is always made of everything that is known: what is stored in either view and what comes in. The full view takes from
/// imports and SKS peers what SKS would take, until it is frozen; from clients only what enters the clean view, unless the operator
/// wants everything; for version 6 there is none. A frozen full view still takes what enters the clean view, so that nobody can
/// keep a revocation away by flooding.
/// </remarks>
internal sealed class CertificateAdmission : IDisposable
{
    private readonly AdmissionRules _rules;
    private readonly StoredCertificate? _stored;
    private readonly VerifiedCertificate? _storedFull;
    private readonly List<Certificate?> _storedClean = [];
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
            _storedClean.Add(clean?.Certificate);
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
    public bool IsStored(CertificateViews views)
    {
        if (_stored is null || _stored.SksDigest != views.Full?.Digest)
            return false;
        foreach (CleanView view in views.Clean)
        {
            if (!_stored.HasCleanView(view.PolicyVersion) || _stored.ContentDigest(view.PolicyVersion) != view.Digest)
                return false;
        }

        return true;
    }

    /// <summary>How many packets came in that were not known and are not in the clean view, by the reason why.</summary>
    public IReadOnlyDictionary<PacketFate, int> CountLeftOut()
    {
        var known = new PacketSet([_storedFull?.Certificate, .. _storedClean]);
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

    private Certificate? ChooseFull(CleanView[] clean, bool admitsUnproven)
    {
        if (_incoming.PrimaryKey.Version > 4)
            return null;
        Certificate? full = _storedFull?.Certificate;
        if (!admitsUnproven)
            return AddNewlyProven(full, clean);
        Certificate union = full is null ? _incoming : CertificateMerger.Merge(full, _incoming);
        return _rules.Bounds.Hold(union) ? union : _rules.Bounds.Fill(AddNewlyProven(full, clean), union);
    }

    // Adds what is in a clean view now and was not stored before. What was in the clean view alone stays out of the full view.
    private Certificate? AddNewlyProven(Certificate? full, CleanView[] clean)
    {
        for (int i = 0; i < clean.Length; i++)
        {
            if (clean[i].Certificate is { } view && new PacketSet(full, _storedClean[i]).RestOf(view) is { } added)
                full = full is null ? added : CertificateMerger.Merge(full, added);
        }

        return full;
    }
}
