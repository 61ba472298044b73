using System.Globalization;
using System.Text;

namespace Sks.HkpAdapter.Http;

/// <summary>What <c>op</c> asks for.</summary>
internal enum LookupOperation
{
    /// <summary>There is no <c>op</c>.</summary>
    Missing,

    /// <summary>An operation nobody here knows.</summary>
    Unknown,

    /// <summary>The certificates themselves.</summary>
    Get,

    /// <summary>A certificate by its SKS digest.</summary>
    HashGet,

    /// <summary>A list.</summary>
    Index,

    /// <summary>A list with signatures.</summary>
    VerboseIndex,

    /// <summary>Numbers about this server.</summary>
    Statistics,

    /// <summary>Why each packet of a certificate is shown or not.</summary>
    Explain,
}

/// <summary>The parts of <c>options</c>.</summary>
[Flags]
internal enum LookupOptions
{
    /// <summary>None.</summary>
    None = 0,

    /// <summary><c>mr</c>: for machines.</summary>
    MachineReadable = 1,

    /// <summary><c>json</c>: a JSON answer.</summary>
    Json = 2,

    /// <summary><c>bin</c>: no armor.</summary>
    Binary = 4,

    /// <summary><c>nm</c>: do not store a changed certificate.</summary>
    NoModification = 8,
}

/// <summary>The query of <c>/pks/lookup</c>.</summary>
/// <remarks>
/// Split at '&amp;'; parts without '=' and unknown names are passed over; of several values the last counts. Names and fixed values
/// are case-sensitive. Source: draft-ietf-openpgp-hkp; SKS wserver.ml.
/// </remarks>
internal readonly record struct LookupRequest
{
    private const int MaxFixedValueLength = 256;

    public LookupRequest()
    {
    }

    public LookupOperation Operation { get; private init; }

    public LookupOptions Options { get; private init; }

    /// <summary>The value of <c>search</c> as it came, still encoded.</summary>
    public ReadOnlyMemory<char> Search { get; private init; }

    /// <summary>Whether only a whole user ID or address counts.</summary>
    public bool IsExact { get; private init; }

    /// <summary>Whether pages show fingerprints.</summary>
    public bool ShowsFingerprints { get; private init; }

    /// <summary>Whether pages show SKS digests.</summary>
    public bool ShowsDigests { get; private init; }

    /// <summary>Whether only what is proven is wanted.</summary>
    public bool IsClean { get; private init; } = true;

    /// <summary>Most certificates to answer with; null for all.</summary>
    public int? Limit { get; private init; }

    /// <summary>How many packets an explanation passes over.</summary>
    public int Offset { get; private init; }

    /// <summary>Whether <c>limit</c> was no number above zero, or <c>offset</c> no number.</summary>
    public bool HasBadLimit { get; private init; }

    /// <summary>Whether certificates are wanted without armor. Only then the client is new enough for those of version 6.</summary>
    public bool IsBinary => Operation is LookupOperation.Get or LookupOperation.HashGet && (Options & LookupOptions.Binary) != 0;

    /// <summary>Whether the answer is for a program: never HTML.</summary>
    public bool IsForMachines => (Options & (LookupOptions.MachineReadable | LookupOptions.Json)) != 0;

    /// <summary>Reads a query.</summary>
    /// <param name="query">As it came, with or without the leading '?'.</param>
    public static LookupRequest Parse(string query)
    {
        var request = new LookupRequest();
        ReadOnlyMemory<char> rest = query.AsMemory(query.StartsWith('?') ? 1 : 0);
        while (!rest.IsEmpty)
        {
            int end = rest.Span.IndexOf('&');
            ReadOnlyMemory<char> part = end < 0 ? rest : rest[..end];
            rest = end < 0 ? default : rest[(end + 1)..];

            int equals = part.Span.IndexOf('=');
            if (equals > 0)
                request = request.With(part.Span[..equals], part[(equals + 1)..]);
        }

        return request;
    }

    /// <summary>Reads a comma list of options.</summary>
    public static LookupOptions ParseOptions(ReadOnlySpan<char> list)
    {
        LookupOptions options = LookupOptions.None;
        foreach (Range range in list.Split(','))
        {
            options |= list[range].Trim() switch
            {
                "mr" => LookupOptions.MachineReadable,
                "json" => LookupOptions.Json,
                "bin" => LookupOptions.Binary,
                "nm" => LookupOptions.NoModification,
                _ => LookupOptions.None,
            };
        }

        return options;
    }

    private LookupRequest With(ReadOnlySpan<char> name, ReadOnlyMemory<char> value)
    {
        if (name is "search")
            return this with { Search = value };

        Span<char> scratch = stackalloc char[MaxFixedValueLength];
        ReadOnlySpan<char> text = DecodeFixed(value.Span, scratch);
        switch (name)
        {
            case "op":
                return this with { Operation = ParseOperation(text) };
            case "options":
                return this with { Options = ParseOptions(text) };
            case "exact":
                return this with { IsExact = text is "on" };
            case "fingerprint":
                return this with { ShowsFingerprints = text is "on" };
            case "hash" or "x-hash":
                return this with { ShowsDigests = text is "on" };
            case "clean" or "x-clean":
                return this with { IsClean = text is not "off" };
            case "limit":
                bool valid = int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int limit) && limit > 0;
                return this with { Limit = valid ? limit : null, HasBadLimit = HasBadLimit || !valid };
            case "offset":
                bool isNumber = int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int offset);
                return this with { Offset = offset, HasBadLimit = HasBadLimit || !isNumber };
            default:
                return this;
        }
    }

    private static LookupOperation ParseOperation(ReadOnlySpan<char> text) => text switch
    {
        "" => LookupOperation.Missing,
        "get" => LookupOperation.Get,
        "index" => LookupOperation.Index,
        "vindex" => LookupOperation.VerboseIndex,
        "hget" or "x-hget" => LookupOperation.HashGet,
        "stats" or "x-stats" => LookupOperation.Statistics,
        "x-explain" => LookupOperation.Explain,
        _ => LookupOperation.Unknown,
    };

    // Fixed values are short words; browsers may still escape the comma between them.
    private static ReadOnlySpan<char> DecodeFixed(ReadOnlySpan<char> value, Span<char> scratch)
    {
        if (!value.ContainsAny('%', '+') || value.Length > scratch.Length)
            return value.Trim();

        Span<byte> bytes = stackalloc byte[MaxFixedValueLength];
        int length = Encoding.Latin1.GetBytes(value, bytes);
        length = PercentDecoder.Decode(bytes[..length], plusIsBlank: true);
        Encoding.Latin1.GetChars(bytes[..length], scratch);
        return ((ReadOnlySpan<char>)scratch[..length]).Trim();
    }
}
