using System.Diagnostics.CodeAnalysis;
using Google.Protobuf;
using Sks.Keys.V1;
using Sks.OpenPgp;
using Sks.Server.CommandLine;

namespace Sks.Server.Verbs;

/// <summary>What the words behind <c>lookup</c> mean: requests to try in turn until one finds something, or a search.</summary>
internal sealed record LookupTarget(IReadOnlyList<GetRequest> Requests, SearchRequest? Search)
{
    private const string HexPrefix = "0x";

    /// <summary>
    /// Hex of the length of a fingerprint, key ID or digest is that, with or without 0x and blanks as gpg prints them; all else is text to search for.
    /// </summary>
    /// <param name="text">The words, joined by blanks.</param>
    /// <param name="exact">Whether the text must be a whole user ID or address.</param>
    /// <exception cref="CommandException">It begins with 0x and cannot be one of these.</exception>
    public static LookupTarget Parse(string text, bool exact)
    {
        text = text.Trim();
        if (text.Length == 0)
            throw CommandException.Usage("nothing to look up");

        bool isMarked = text.StartsWith(HexPrefix, StringComparison.OrdinalIgnoreCase);
        string digits = (isMarked ? text[HexPrefix.Length..] : text).Replace(" ", "", StringComparison.Ordinal);
        if (!exact && TryParseHex(digits, out ByteString? bytes) && RequestsFor(bytes) is { Length: > 0 } requests)
            return new LookupTarget(requests, null);
        if (isMarked)
        {
            throw CommandException.Usage(
                $"'{text}' is no key ID (16 hex digits), fingerprint (32, 40 or 64) or digest (32); short key IDs of 8 digits are too easy to forge");
        }

        return new LookupTarget([], exact ? new SearchRequest { Identity = text } : new SearchRequest { Words = text });
    }

    private static bool TryParseHex(string digits, [NotNullWhen(true)] out ByteString? bytes)
    {
        bool isHex = digits.Length > 0 && digits.Length % 2 == 0 && digits.All(char.IsAsciiHexDigit);
        bytes = isHex ? ByteString.CopyFrom(Convert.FromHexString(digits)) : null;
        return isHex;
    }

    // 16 bytes are an SKS digest or the fingerprint of a version 3 key.
    private static GetRequest[] RequestsFor(ByteString bytes) => bytes.Length switch
    {
        KeyId.Length => [new GetRequest { KeyId = bytes }],
        Fingerprint.Version3Length => [new GetRequest { SksDigest = bytes }, new GetRequest { Fingerprint = bytes }],
        Fingerprint.Version4Length or Fingerprint.Version6Length => [new GetRequest { Fingerprint = bytes }],
        _ => [],
    };
}
