namespace Sks.OpenPgp;

/// <summary>Where the parts of a signature lie in its body.</summary>
/// <remarks>
/// <code>
/// version 4: version type algorithms(2) length(2) hashed length(2) unhashed tag(2) material
/// version 6: version type algorithms(2) length(4) hashed length(4) unhashed tag(2) saltLength(1) salt material
/// version 3: version 5 type time(4) keyId(8) algorithms(2) tag(2) material
/// </code>
/// Source: RFC 9580 sections 5.2.2 and 5.2.3.
/// </remarks>
internal readonly record struct SignatureLayout
{
    private const int TagLength = 2;

    /// <summary>What the signer hashed of the packet: for version 3 type and time, else everything up to the end of the hashed area.</summary>
    public Range HashedPart { get; private init; }

    /// <summary>The hashed subpackets; empty for version 3.</summary>
    public Range HashedArea { get; private init; }

    /// <summary>The subpackets that are not hashed; empty for version 3.</summary>
    public Range UnhashedArea { get; private init; }

    /// <summary>The first 16 bits of the hash.</summary>
    public Range HashTag { get; private init; }

    /// <summary>What a version 6 signer hashed first; empty for others.</summary>
    public Range Salt { get; private init; }

    /// <summary>The numbers that the algorithm is about.</summary>
    public Range Material { get; private init; }

    /// <summary>Whether the packet holds all parts; a body that is cut off after its areas reads, but verifies never.</summary>
    public bool IsComplete { get; private init; }

    /// <summary>The layout of a version 2 or 3 signature, of at least 19 bytes.</summary>
    public static SignatureLayout OfVersion3(ReadOnlySpan<byte> body) => new()
    {
        HashedPart = 2..7,
        HashTag = 17..19,
        Material = 19..body.Length,
        IsComplete = true,
    };

    /// <summary>The layout of a version 4 or 6 signature whose areas fit.</summary>
    public static SignatureLayout Of(ReadOnlySpan<byte> body, int headerLength, int hashedLength, int unhashedLength)
    {
        int hashedEnd = headerLength + hashedLength;
        int unhashedStart = hashedEnd + headerLength - 4;
        int tag = unhashedStart + unhashedLength;
        int salt = tag + TagLength;
        int material = salt;
        bool isComplete = salt <= body.Length;
        if (body[0] == 6)
        {
            isComplete = isComplete && salt < body.Length && salt + 1 + body[salt] <= body.Length;
            material = isComplete ? salt + 1 + body[salt] : salt;
            salt++;
        }

        return new SignatureLayout
        {
            HashedPart = 0..hashedEnd,
            HashedArea = headerLength..hashedEnd,
            UnhashedArea = unhashedStart..tag,
            HashTag = isComplete ? tag..(tag + TagLength) : default,
            Salt = isComplete && body[0] == 6 ? salt..material : default,
            Material = isComplete ? material..body.Length : default,
            IsComplete = isComplete,
        };
    }
}
