using System.Buffers.Binary;
using Sks.OpenPgp;

namespace Sks.HkpAdapter.Http;

/// <summary>The body of <c>/pks/hashquery</c>: how SKS peers ask for what reconciliation found missing.</summary>
/// <remarks>
/// Request: count, then per digest its length and its bytes; answer: count, then per certificate its length and its packets. All numbers
/// are 32-bit big-endian. What follows the list is passed over. Source: SKS recvConn, keydb.ml.
/// </remarks>
internal static class HashQuery
{
    /// <summary>Bytes of every number.</summary>
    public const int NumberLength = 4;

    /// <summary>What ends the answer: SKS's HTTP layer adds it to every body.</summary>
    public static ReadOnlySpan<byte> End => "\r\n"u8;

    /// <summary>Reads a request. Entries that are not 16 bytes long cannot match and are left out.</summary>
    /// <returns>Null, or why it could not be read.</returns>
    public static HkpProblem? Read(ReadOnlySpan<byte> body, int maxCount, out IReadOnlyList<SksDigest> digests)
    {
        digests = [];
        if (!TryReadNumber(ref body, out uint count))
            return HkpProblems.BadHashQuery;
        if (count > (uint)maxCount)
            return HkpProblems.TooManyDigests;

        List<SksDigest> read = new((int)count);
        for (uint i = 0; i < count; i++)
        {
            if (!TryReadNumber(ref body, out uint length) || length > (uint)body.Length)
                return HkpProblems.BadHashQuery;
            if (length == SksDigest.Length)
                read.Add(SksDigest.Read(body));
            body = body[(int)length..];
        }

        digests = read;
        return null;
    }

    private static bool TryReadNumber(ref ReadOnlySpan<byte> body, out uint number)
    {
        bool complete = BinaryPrimitives.TryReadUInt32BigEndian(body, out number);
        body = complete ? body[NumberLength..] : body;
        return complete;
    }
}
