using System.Buffers;
using Sks.OpenPgp;

namespace Sks.Node;

/// <summary>
/// A stretch of a keyring that came out of <see cref="KeyringSource"/>: bytes of one certificate, or the reason why there are none.
/// </summary>
/// <param name="Bytes">The bytes, in memory of their own; empty when there is nothing to read.</param>
/// <param name="Error">Why the stretch, or its end, is broken.</param>
internal readonly record struct KeyringItem(ReadOnlyMemory<byte> Bytes, ParseErrorCode Error)
{
    /// <summary>Whether it is no certificate but begins with a signature, such as a bare revocation.</summary>
    public bool StartsWithSignature =>
        PacketHeader.TryRead(Bytes.Span, out PacketHeader header, out _) == OperationStatus.Done && header.Tag == PacketTag.Signature;

    /// <summary>Reads the certificate.</summary>
    /// <param name="limits">Bounds.</param>
    /// <param name="acceptsCutEnd">Whether a certificate is taken without its last packet when that is cut off.</param>
    /// <param name="certificate">The certificate.</param>
    /// <param name="rejection">Why there is none.</param>
    public bool TryRead(OpenPgpLimits limits, bool acceptsCutEnd, out Certificate certificate, out SubmissionOutcome rejection)
    {
        certificate = null!;
        rejection = null!;
        ParseError error = new(Error, 0);
        bool isReadable = Bytes.Length > 0 && (Error == ParseErrorCode.None || acceptsCutEnd);
        if (isReadable && CertificateReader.TryRead(Bytes, limits, out certificate, out error))
            return true;
        rejection = SubmissionOutcome.Rejected(RejectionReasons.Of(error.Code), TryReadFingerprint());
        return false;
    }

    // Of what was rejected, so that its sender knows which one it was.
    private Fingerprint? TryReadFingerprint()
    {
        bool startsWithKey = PacketHeader.TryRead(Bytes.Span, out PacketHeader header, out _) == OperationStatus.Done
            && header.Tag == PacketTag.PublicKey
            && header.TotalLength <= Bytes.Length;
        return startsWithKey && PublicKeyPacket.TryParse(Bytes.Slice(header.HeaderLength, (int)header.BodyLength), out PublicKeyPacket key, out _)
            ? key.Fingerprint
            : null;
    }
}
