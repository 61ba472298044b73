using System.Buffers;

namespace Sks.OpenPgp;

/// <summary>
/// Cuts a stream of packets into certificates, one after the other, without ever giving up on the neighbours of a bad one.
/// </summary>
/// <remarks>
/// <para>A certificate runs from a primary key packet to the next one. What precedes the first is a stretch of its own, which
/// <see cref="CertificateReader"/> then rejects with the right reason.</para>
/// <para>After broken framing the reader looks for the next bytes that look like a primary key packet. Where the packet before the
/// error is a signature that fills its length to the byte, framing was sound so far: what stands before the error is answered as
/// a certificate (the damage may be the next one's), and the search begins behind it. Otherwise a wrong length may have swallowed
/// a neighbour, and the search begins right behind the start of the broken certificate. So it does for a certificate that
/// would be rejected anyway, or that ends before something that is no key, as wrong lengths sometimes fall into step again. That
/// can read the same packets several times, so a budget bounds it; beyond, the search begins at the error.</para>
/// <para>Holds no data: the caller keeps a buffer, drops what an extent covers, and asks again with the same bytes and more behind
/// them when told so. How far the stretch at the start of the buffer was read is remembered, so that asking often costs nothing.
/// Which certificates come out does not depend on how the input arrives; only empty extents may.</para>
/// </remarks>
/// <param name="limits">Bounds on packets and certificates.</param>
public sealed class KeyringSplitter(OpenPgpLimits limits)
{
    private const int RescanBudget = 1_000_000;

    private int _rescanBudget = RescanBudget;
    private Mode _mode;

    // The stretch at the start of the input, as far as it was walked in this call and the ones before.
    private int _offset;
    private int _packets;
    private bool _hasContent;
    private bool _isSuspect;
    private int _lastBody;
    private int _searched;

    private enum Mode
    {
        // From packet to packet, in a stretch that is going to be answered as one.
        Walking,

        // From packet to packet through the rest of a certificate that was too large; nothing of it is kept.
        PassingOver,

        // Framing is lost and was reported: byte by byte until a primary key packet comes.
        Searching,
    }

    /// <summary>Cuts the next stretch off <paramref name="input"/>.</summary>
    /// <param name="input">What has been read and not been consumed yet; after "need more data" the same bytes and more.</param>
    /// <param name="isFinal">Whether nothing follows <paramref name="input"/>.</param>
    /// <param name="extent">The stretch, when the answer is <see cref="OperationStatus.Done"/>; never of length 0.</param>
    /// <returns><see cref="OperationStatus.Done"/>, or <see cref="OperationStatus.NeedMoreData"/>: read more, or at the end stop.</returns>
    /// <exception cref="ArgumentException">The input lacks bytes that it held before and that no extent covered.</exception>
    public OperationStatus TryRead(ReadOnlySpan<byte> input, bool isFinal, out KeyringExtent extent)
    {
        if (input.Length < _offset)
            throw new ArgumentException("Bytes that were not consumed are missing.", nameof(input));

        extent = default;
        if (!input.IsEmpty)
        {
            return _mode switch
            {
                Mode.Searching => Search(input, isFinal, out extent),
                Mode.PassingOver => PassOver(input, isFinal, out extent),
                _ => Walk(input, isFinal, out extent),
            };
        }

        if (isFinal)
            _mode = Mode.Walking;
        return OperationStatus.NeedMoreData;
    }

    private static bool StartsCertificate(PacketTag tag) => tag is PacketTag.PublicKey or PacketTag.SecretKey;

    private static bool IsIgnorable(PacketTag tag) => tag is PacketTag.Marker or PacketTag.Padding or PacketTag.Trust;

    private static bool MayFollowPrimaryKey(PacketTag tag) =>
        tag is PacketTag.Signature or PacketTag.UserId or PacketTag.UserAttribute or PacketTag.PublicSubkey;

    private OperationStatus Walk(ReadOnlySpan<byte> input, bool isFinal, out KeyringExtent extent)
    {
        extent = default;
        while (_offset < input.Length)
        {
            OperationStatus status = PacketHeader.TryRead(input[_offset..], out PacketHeader header, out ParseErrorCode error);
            if (status == OperationStatus.Done)
            {
                if (_offset > 0 && StartsCertificate(header.Tag))
                {
                    int version = _offset + header.HeaderLength;
                    if (version == input.Length && !isFinal)
                        return OperationStatus.NeedMoreData;
                    _isSuspect |= version == input.Length || input[version] is < 2 or > 6;
                    return Finish(input, isFinal, out extent);
                }

                error = CheckLimits(header);
            }

            if (error == ParseErrorCode.CertificateTooLarge)
            {
                // Well framed but too much: report it once, then pass over the rest of it.
                _mode = Mode.PassingOver;
                return Answer(_offset, 0, error, out extent);
            }

            if (error != ParseErrorCode.None)
                return Recover(input, isFinal, error, out extent);
            if (status == OperationStatus.NeedMoreData || header.TotalLength > input.Length - _offset)
                return isFinal ? Recover(input, isFinal, ParseErrorCode.Truncated, out extent) : OperationStatus.NeedMoreData;

            bool belongs = _offset == 0 ? header.Tag == PacketTag.PublicKey : MayFollowPrimaryKey(header.Tag);
            _isSuspect |= !belongs;
            _hasContent |= !IsIgnorable(header.Tag);
            _lastBody = header.Tag == PacketTag.Signature ? _offset + header.HeaderLength : _offset + (int)header.TotalLength;
            _offset += (int)header.TotalLength;
            _packets++;
        }

        return isFinal ? Finish(input, isFinal, out extent) : OperationStatus.NeedMoreData;
    }

    private ParseErrorCode CheckLimits(in PacketHeader header)
    {
        bool fits = _packets < limits.MaxPackets && _offset + header.TotalLength <= limits.MaxCertificateBytes;
        if (header.BodyLength > (uint)limits.MaxPacketBytes || (_offset == 0 && !fits))
            return ParseErrorCode.PacketTooLarge;
        return fits ? ParseErrorCode.None : ParseErrorCode.CertificateTooLarge;
    }

    private OperationStatus PassOver(ReadOnlySpan<byte> input, bool isFinal, out KeyringExtent extent)
    {
        int offset = 0;
        while (offset < input.Length)
        {
            OperationStatus status = PacketHeader.TryRead(input[offset..], out PacketHeader header, out _);
            if (status == OperationStatus.Done && StartsCertificate(header.Tag))
            {
                _mode = Mode.Walking;
                return offset == 0 ? Walk(input, isFinal, out extent) : Answer(offset, 0, ParseErrorCode.None, out extent);
            }

            bool isIncomplete = status == OperationStatus.NeedMoreData || header.TotalLength > input.Length - offset;
            bool isLost = status == OperationStatus.InvalidData
                || header.BodyLength > (uint)limits.MaxPacketBytes
                || (isIncomplete && isFinal);
            if (isLost && offset == 0)
                return Search(input, isFinal, out extent);
            if (isLost || isIncomplete)
                break;
            offset += (int)header.TotalLength;
        }

        extent = default;
        return offset == 0 ? OperationStatus.NeedMoreData : Answer(offset, 0, ParseErrorCode.None, out extent);
    }

    private OperationStatus Search(ReadOnlySpan<byte> input, bool isFinal, out KeyringExtent extent)
    {
        int next = PrimaryKeyScanner.Find(input, 0, input.Length, isFinal, out bool isFound);
        _mode = isFound || isFinal ? Mode.Walking : Mode.Searching;
        if (next > 0)
            return Answer(next, 0, ParseErrorCode.None, out extent);

        extent = default;
        return isFound ? Walk(input, isFinal, out extent) : OperationStatus.NeedMoreData;
    }

    private OperationStatus Finish(ReadOnlySpan<byte> input, bool isFinal, out KeyringExtent extent)
    {
        if (_isSuspect)
        {
            if (_searched == 0)
                _searched = TrySpendRescan() ? 1 : _offset;
            _searched = PrimaryKeyScanner.Find(input, _searched, _offset, isFinal, out bool isFound);
            if (isFound)
                return Answer(_searched, 0, ParseErrorCode.UnexpectedPacket, out extent);
            if (_searched < _offset)
            {
                extent = default;
                return OperationStatus.NeedMoreData;
            }
        }

        return Answer(_offset, _hasContent ? _offset : 0, ParseErrorCode.None, out extent);
    }

    private OperationStatus Recover(ReadOnlySpan<byte> input, bool isFinal, ParseErrorCode error, out KeyringExtent extent)
    {
        bool isSound = !_isSuspect && PacketShape.IsSignature(input[_lastBody.._offset]);
        int from = !isSound && TrySpendRescan() ? 1 : _offset + 1;
        int next = PrimaryKeyScanner.Find(input, from, input.Length, isFinal, out bool isFound);
        _mode = isFound || isFinal ? Mode.Walking : Mode.Searching;

        // SKS takes what stands before a packet that the end of the input cuts off, whatever that is.
        bool isCutOff = error == ParseErrorCode.Truncated && !isFound && _hasContent;
        return Answer(next, isSound || isCutOff ? _offset : 0, error, out extent);
    }

    private bool TrySpendRescan()
    {
        if (_packets > _rescanBudget)
            return false;
        _rescanBudget -= _packets;
        return true;
    }

    private OperationStatus Answer(int length, int certificateLength, ParseErrorCode error, out KeyringExtent extent)
    {
        _offset = 0;
        _packets = 0;
        _hasContent = false;
        _isSuspect = false;
        _lastBody = 0;
        _searched = 0;
        extent = new KeyringExtent(length, certificateLength, error);
        return OperationStatus.Done;
    }
}
