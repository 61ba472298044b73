using System.Buffers;

namespace Sks.OpenPgp;

/// <summary>Cuts a stream of packets into certificates, one after the other, without ever giving up on the neighbours of a bad one.</summary>
/// <remarks>
/// <para>A certificate runs from a primary key packet to the next one. What precedes the first is a stretch of its own, which
/// <see cref="CertificateReader"/> then rejects with the right reason.</para>
/// <para>After broken framing the reader looks for the next bytes that look like a primary key packet. It begins right behind the
/// start of the broken certificate and not where the error showed, because a wrong length may have swallowed a neighbour. That
/// can read the same packets several times, so a budget bounds it; beyond, the search begins at the error.</para>
/// <para>Looks at headers only and holds no data: the caller keeps a buffer and asks again with more when told so.</para>
/// </remarks>
/// <param name="limits">Bounds on packets and certificates.</param>
public sealed class KeyringSplitter(OpenPgpLimits limits)
{
    private const int RescanBudget = 1_000_000;

    private int _rescanBudget = RescanBudget;
    private bool _skipping;

    /// <summary>Cuts the next stretch off <paramref name="input"/>.</summary>
    /// <param name="input">What has been read and not been consumed yet.</param>
    /// <param name="isFinal">Whether nothing follows <paramref name="input"/>.</param>
    /// <param name="extent">The stretch, when the answer is <see cref="OperationStatus.Done"/>.</param>
    /// <returns><see cref="OperationStatus.Done"/>, or <see cref="OperationStatus.NeedMoreData"/>: read more, or at the end stop.</returns>
    public OperationStatus TryRead(ReadOnlySpan<byte> input, bool isFinal, out KeyringExtent extent)
    {
        extent = default;
        if (input.IsEmpty)
            return OperationStatus.NeedMoreData;

        bool hasContent = false;
        int packets = 0;
        for (int offset = 0; ;)
        {
            if (offset == input.Length && !isFinal)
                return OperationStatus.NeedMoreData;
            if (offset == input.Length)
                return Finish(offset, hasContent, out extent);

            OperationStatus status = PacketHeader.TryRead(input[offset..], out PacketHeader header, out ParseErrorCode error);
            if (status == OperationStatus.Done && offset > 0 && StartsCertificate(header.Tag))
                return Finish(offset, hasContent, out extent);
            if (status == OperationStatus.Done && header.BodyLength > (uint)limits.MaxPacketBytes)
                error = ParseErrorCode.PacketTooLarge;
            if (error != ParseErrorCode.None)
                return Recover(input, offset, packets, error, isFinal, out extent);

            if (!_skipping && (packets == limits.MaxPackets || offset + header.TotalLength > limits.MaxCertificateBytes))
            {
                // Well framed but too much: report it once, then pass over the rest of it packet by packet.
                _skipping = true;
                extent = new KeyringExtent(offset, 0, ParseErrorCode.CertificateTooLarge);
                return OperationStatus.Done;
            }

            if (status == OperationStatus.NeedMoreData || header.TotalLength > input.Length - offset)
                return isFinal ? FinishTruncated(input, offset, hasContent, out extent) : NeedMore(offset, out extent);

            if (offset == 0 && StartsCertificate(header.Tag))
                _skipping = false;
            hasContent |= header.Tag is not (PacketTag.Marker or PacketTag.Padding or PacketTag.Trust);
            offset += (int)header.TotalLength;
            packets++;
        }
    }

    private static bool StartsCertificate(PacketTag tag) => tag is PacketTag.PublicKey or PacketTag.SecretKey;

    private static OperationStatus FinishTruncated(ReadOnlySpan<byte> input, int offset, bool hasContent, out KeyringExtent extent)
    {
        int next = PrimaryKeyScanner.Find(input, offset + 1, isFinal: true);
        extent = next < input.Length
            ? new KeyringExtent(next, 0, ParseErrorCode.Truncated)
            : new KeyringExtent(input.Length, hasContent ? offset : 0, ParseErrorCode.Truncated);
        return OperationStatus.Done;
    }

    private OperationStatus Finish(int length, bool hasContent, out KeyringExtent extent)
    {
        extent = new KeyringExtent(length, hasContent && !_skipping ? length : 0, ParseErrorCode.None);
        return OperationStatus.Done;
    }

    private OperationStatus NeedMore(int completeLength, out KeyringExtent extent)
    {
        // While passing over an oversized certificate nothing is kept, so that the caller's buffer need not hold it.
        extent = _skipping ? new KeyringExtent(completeLength, 0, ParseErrorCode.None) : default;
        return _skipping && completeLength > 0 ? OperationStatus.Done : OperationStatus.NeedMoreData;
    }

    private OperationStatus Recover(
        ReadOnlySpan<byte> input, int errorOffset, int packets, ParseErrorCode error, bool isFinal, out KeyringExtent extent)
    {
        bool report = !_skipping;
        _rescanBudget -= packets;
        int from = _rescanBudget > 0 && report ? 1 : Math.Max(1, errorOffset);
        int next = PrimaryKeyScanner.Find(input, from, isFinal);

        // Nothing found and more to come: drop what was searched and go on searching there, without reporting again.
        _skipping = next == input.Length || !PrimaryKeyScanner.IsPrimaryKey(input[next..], isFinal);
        extent = new KeyringExtent(next, 0, report ? error : ParseErrorCode.None);
        return OperationStatus.Done;
    }
}
