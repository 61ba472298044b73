using Sks.Keys.V1;
using Sks.Node;

namespace Sks.Grpc;

/// <summary>Fills messages with certificates up to about 64 KiB, where streams are fastest. A larger certificate has a message to itself.</summary>
internal sealed class CertificateBatch
{
    private const int TargetBytes = 64 * 1024;

    // What a certificate takes in a message besides its packets, about.
    private const int EnvelopeBytes = 128;

    private List<Certificate> _certificates = [];
    private long _bytes;

    /// <summary>Whether there is nothing in it.</summary>
    public bool IsEmpty => _certificates.Count == 0;

    /// <summary>Whether the certificate fits into the message begun.</summary>
    public bool HasRoomFor(ServedCertificate certificate, bool withData) => IsEmpty || _bytes + GetSize(certificate, withData) <= TargetBytes;

    /// <summary>Adds a certificate.</summary>
    public void Add(ServedCertificate certificate, bool withData)
    {
        _certificates.Add(certificate.ToMessage(withData));
        _bytes += GetSize(certificate, withData);
    }

    /// <summary>Takes the certificates of one message out.</summary>
    public IReadOnlyList<Certificate> Take()
    {
        List<Certificate> taken = _certificates;
        _certificates = [];
        _bytes = 0;
        return taken;
    }

    private static long GetSize(ServedCertificate certificate, bool withData) =>
        EnvelopeBytes + (withData ? certificate.View.Length : 0);
}
