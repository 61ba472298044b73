using System.Buffers.Binary;

namespace Sks.OpenPgp;

/// <summary>Walks the subpackets of a version 4 or 6 signature area.</summary>
/// <remarks>Source: RFC 9580 section 5.2.3.7. <see cref="MoveNext"/> ends at the first length that does not fit.</remarks>
public ref struct SubpacketReader(ReadOnlySpan<byte> area)
{
    private ReadOnlySpan<byte> _rest = area;

    /// <summary>The type, without the critical bit.</summary>
    public SubpacketType Type { get; private set; }

    /// <summary>Whether a reader that does not know the type must reject the signature.</summary>
    public bool IsCritical { get; private set; }

    /// <summary>The content, without length and type.</summary>
    public ReadOnlySpan<byte> Content { get; private set; }

    /// <summary>Whether the area ended inside a subpacket; known when <see cref="MoveNext"/> has answered false.</summary>
    public bool IsMalformed { get; private set; }

    /// <summary>Goes to the next subpacket.</summary>
    public bool MoveNext()
    {
        if (_rest.IsEmpty || IsMalformed)
            return false;

        int lengthOfLength = _rest[0] switch { < 192 => 1, < 255 => 2, _ => 5 };
        if (_rest.Length < lengthOfLength)
            return Fail();
        uint length = lengthOfLength switch
        {
            1 => _rest[0],
            2 => ((uint)(_rest[0] - 192) << 8) + _rest[1] + 192,
            _ => BinaryPrimitives.ReadUInt32BigEndian(_rest[1..]),
        };
        if (length == 0 || length > (uint)(_rest.Length - lengthOfLength))
            return Fail();

        byte type = _rest[lengthOfLength];
        Type = (SubpacketType)(type & 0x7F);
        IsCritical = (type & 0x80) != 0;
        Content = _rest.Slice(lengthOfLength + 1, (int)length - 1);
        _rest = _rest[(lengthOfLength + (int)length)..];
        return true;
    }

    private bool Fail()
    {
        IsMalformed = true;
        return false;
    }
}
