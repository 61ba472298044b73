using System.Buffers;
using System.Buffers.Text;

namespace Sks.OpenPgp;

/// <summary>What <see cref="ArmorDecoder"/> came to.</summary>
public enum ArmorEvent
{
    /// <summary>All complete lines are consumed: give it more text, or at the end stop.</summary>
    NeedMoreData,

    /// <summary>A block is complete; all its bytes are in the output.</summary>
    EndOfBlock,

    /// <summary>A block holds something else than base64; what was decoded before it is in the output.</summary>
    BadBlock,
}

/// <summary>Finds armored blocks in text and decodes them, piece by piece.</summary>
/// <remarks>
/// Reads public key blocks, private key blocks (so that they can be refused by name) and signatures (bare revocations); other text
/// and other blocks are passed over, so a whole mail will do. Lenient where real submissions need it: any header lines,
/// CR LF, no empty line behind the headers, no CRC line or a wrong one, no END line at the end of the text, and blanks where
/// a form turned '+' into them. Source: RFC 9580 section 6.
/// </remarks>
public sealed class ArmorDecoder
{
    private const int MaxLineLength = 16 * 1024;
    private const int QuantumLength = 4;

    private readonly byte[] _quantum = new byte[MaxLineLength + QuantumLength];
    private int _carried;
    private bool _isCutLine;
    private State _state = State.Outside;

    private enum State
    {
        Outside,
        Headers,
        Body,
        Trailer,
    }

    /// <summary>Whether any block has begun so far.</summary>
    public bool HasSeenBlock { get; private set; }

    /// <summary>Decodes from <paramref name="text"/> into <paramref name="output"/> until something happens.</summary>
    /// <param name="text">What has been read and not been consumed yet.</param>
    /// <param name="isFinal">Whether nothing follows <paramref name="text"/>.</param>
    /// <param name="output">Receives decoded bytes.</param>
    /// <param name="consumed">Bytes of <paramref name="text"/> that are done with.</param>
    public ArmorEvent Decode(ReadOnlySpan<byte> text, bool isFinal, IBufferWriter<byte> output, out int consumed)
    {
        consumed = 0;
        int lineStart = 0;
        while (TryTakeLine(text, isFinal, ref consumed, out ReadOnlySpan<byte> line))
        {
            bool continuesLine = _isCutLine;
            _isCutLine = consumed == lineStart + line.Length && line.Length == MaxLineLength;
            line = line.Trim("\t\r"u8);
            ReadOnlySpan<byte> trimmed = Unescape(line.Trim(" \t"u8));
            ArmorEvent happened = continuesLine && _state != State.Body ? ArmorEvent.NeedMoreData : Take(trimmed, line, output);
            if (happened != ArmorEvent.NeedMoreData && BeginsKeyBlock(trimmed))
            {
                // The END line is missing: this line begins the next block.
                consumed = lineStart;
                _isCutLine = continuesLine;
            }

            if (happened != ArmorEvent.NeedMoreData)
                return happened;
            lineStart = consumed;
        }

        if (!isFinal || _state is not (State.Body or State.Trailer))
            return ArmorEvent.NeedMoreData;
        return EndBlock();
    }

    private static bool TryTakeLine(ReadOnlySpan<byte> text, bool isFinal, ref int consumed, out ReadOnlySpan<byte> line)
    {
        ReadOnlySpan<byte> rest = text[consumed..];
        int length = rest[..Math.Min(rest.Length, MaxLineLength)].IndexOf((byte)'\n');
        if (length >= 0)
        {
            line = rest[..length];
            consumed += length + 1;
            return true;
        }

        // A line beyond the bound is cut: the pieces of base64 join again, and outside of it only the first means anything.
        bool take = rest.Length >= MaxLineLength || (isFinal && !rest.IsEmpty);
        line = take ? rest[..Math.Min(rest.Length, MaxLineLength)] : default;
        consumed += line.Length;
        return take;
    }

    // Inside a signed mail an armored block is dash-escaped.
    private static ReadOnlySpan<byte> Unescape(ReadOnlySpan<byte> line) => line.StartsWith("- -----"u8) ? line[2..] : line;

    private static bool BeginsKeyBlock(ReadOnlySpan<byte> line) =>
        line.StartsWith("-----BEGIN PGP PUBLIC KEY BLOCK"u8)
        || line.StartsWith("-----BEGIN PGP PRIVATE KEY BLOCK"u8)
        || line.SequenceEqual("-----BEGIN PGP SIGNATURE-----"u8);

    private ArmorEvent Take(ReadOnlySpan<byte> line, ReadOnlySpan<byte> untrimmed, IBufferWriter<byte> output)
    {
        switch (_state)
        {
            case State.Outside:
                if (BeginsKeyBlock(line))
                {
                    _state = State.Headers;
                    _carried = 0;
                    HasSeenBlock = true;
                }

                return ArmorEvent.NeedMoreData;

            case State.Headers when line.IsEmpty:
                _state = State.Body;
                return ArmorEvent.NeedMoreData;

            case State.Headers when line.Contains((byte)':'):
                return ArmorEvent.NeedMoreData;

            default:
                if (line.StartsWith("-----"u8))
                    return EndBlock();
                if (line.IsEmpty || _state == State.Trailer)
                    return ArmorEvent.NeedMoreData;
                if (line[0] == '=' && _carried == 0)
                {
                    _state = State.Trailer;
                    return ArmorEvent.NeedMoreData;
                }

                _state = State.Body;
                return DecodeLine(IsWhole(line.Length) || !IsWhole(untrimmed.Length) ? line : untrimmed, output);
        }
    }

    // Blanks around a line are layout, unless only with them it has all its characters: then they were '+'.
    private bool IsWhole(int lineLength) => (_carried + lineLength) % QuantumLength == 0;

    private ArmorEvent DecodeLine(ReadOnlySpan<byte> line, IBufferWriter<byte> output)
    {
        line.CopyTo(_quantum.AsSpan(_carried));
        Span<byte> characters = _quantum.AsSpan(0, _carried + line.Length);
        characters.Replace((byte)' ', (byte)'+');

        int whole = characters.Length - (characters.Length % QuantumLength);
        Span<byte> decoded = output.GetSpan(Base64.GetMaxDecodedFromUtf8Length(whole) + 1);
        if (Base64.DecodeFromUtf8(characters[..whole], decoded, out _, out int written) != OperationStatus.Done)
        {
            _state = State.Outside;
            return ArmorEvent.BadBlock;
        }

        output.Advance(written);
        _carried = characters.Length - whole;
        characters[whole..].CopyTo(_quantum);
        return ArmorEvent.NeedMoreData;
    }

    private ArmorEvent EndBlock()
    {
        _state = State.Outside;
        return _carried == 0 ? ArmorEvent.EndOfBlock : ArmorEvent.BadBlock;
    }
}
