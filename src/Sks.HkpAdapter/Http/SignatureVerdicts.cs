using Sks.OpenPgp;

namespace Sks.HkpAdapter.Http;

/// <summary>What verification found about the signatures of one certificate, by what they stand under.</summary>
internal sealed class SignatureVerdicts
{
    private readonly ReadOnlyMemory<PacketVerdict> _verdicts;
    private readonly int _directCount;

    // By the memory that a component's packet lies in, which no two components share.
    private readonly Dictionary<ReadOnlyMemory<byte>, (int Start, int Count)> _components = [];

    public SignatureVerdicts(VerifiedCertificate verified)
    {
        Certificate certificate = verified.Certificate;
        _verdicts = verified.Verdicts;
        _directCount = certificate.DirectSignatures.Count;
        int next = 1 + _directCount;
        foreach (CertificateComponent component in certificate.UserIds.Concat(certificate.Subkeys))
        {
            _components.Add(component.Packet.Body, (next + 1, component.Signatures.Count));
            next += 1 + component.Signatures.Count;
        }
    }

    /// <summary>One verdict per signature on the primary key itself.</summary>
    public ReadOnlySpan<PacketVerdict> Direct => _verdicts.Span.Slice(1, _directCount);

    /// <summary>One verdict per signature of a component of the certificate.</summary>
    public ReadOnlySpan<PacketVerdict> Of(CertificateComponent component)
    {
        (int start, int count) = _components[component.Packet.Body];
        return _verdicts.Span.Slice(start, count);
    }
}
