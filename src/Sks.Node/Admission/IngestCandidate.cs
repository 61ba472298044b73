using Sks.OpenPgp;

namespace Sks.Node.Admission;

/// <summary>A certificate on its way into the store.</summary>
internal sealed class IngestCandidate(Certificate certificate, SubmissionOrigin origin)
{
    /// <summary>What comes in.</summary>
    public Certificate Certificate { get; } = certificate;

    /// <summary>Where it comes from.</summary>
    public SubmissionOrigin Origin { get; } = origin;

    /// <summary>Whether nothing is to be stored unless all of it enters the clean view.</summary>
    public bool MustBeProven { get; init; }

    /// <summary>What comes in, with what is known of it: after a first attempt, everything.</summary>
    public VerifiedCertificate Verified { get; set; } = VerifiedCertificate.Unexamined(certificate);

    /// <summary>Whether every signature is the certificate's own; known after verification.</summary>
    /// <remarks>Some other variant may be the one that is kept.</remarks>
    public bool IsProven => Verified.Certificate.Packets
        .Zip(Verified.Verdicts.ToArray())
        .All(static item => item.First.Tag != PacketTag.Signature || (item.Second & PacketVerdict.OutcomeMask) == PacketVerdict.Proven);

    /// <summary>Whether all of it is in one view or the other.</summary>
    public bool IsKept(CertificateViews views) =>
        new PacketSet(views.Full, views.Clean[^1].Certificate).RestOf(Certificate) is null;

    /// <summary>Whether all of it is in the clean view of the newest policy.</summary>
    public bool IsIn(CertificateViews views) =>
        views.Clean[^1].Certificate is { } clean && new PacketSet(clean).RestOf(Certificate) is null;

    /// <summary>The candidate with the packets that are allowed; itself when those are all.</summary>
    public IngestCandidate Restrict(Certificate allowed) =>
        ReferenceEquals(allowed, Certificate) ? this : new IngestCandidate(allowed, Origin) { MustBeProven = MustBeProven };
}
