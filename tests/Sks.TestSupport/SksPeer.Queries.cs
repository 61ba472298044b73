using System.Collections.Concurrent;
using System.Globalization;
using System.Text.RegularExpressions;

namespace Sks.TestSupport;

/// <content>What a running server says about its keys, over HKP: SKS's own numbers, computed by none of our code.</content>
public sealed partial class SksPeer
{
    // SKS serves one request at a time; a few connections keep it busy.
    private const int ParallelRequests = 4;
    private const string StatisticsDone = "Done calculating DB stats";

    private readonly SemaphoreSlim _counting = new(1, 1);

    /// <summary>The number of keys it holds right now.</summary>
    /// <remarks>SKS counts only at its start, daily, and on SIGUSR2; so this asks for a fresh count and waits for it.</remarks>
    public async Task<int> KeyCountAsync(CancellationToken cancellationToken = default)
    {
        var db = _dbProcess ?? throw new InvalidOperationException("start the db first");
        await _counting.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            var before = CountsLogged();
            db.Signal(UnixSignal.User2);
            await Eventually.IsTrueAsync(() => CountsLogged() > before, "SKS has counted its keys", null, cancellationToken)
                .ConfigureAwait(false);
        }
        finally
        {
            _counting.Release();
        }

        var page = await GetAsync("/pks/lookup?op=stats", cancellationToken).ConfigureAwait(false);
        var total = TotalPattern().Match(page ?? "");
        return total.Success
            ? int.Parse(total.Groups[1].Value, CultureInfo.InvariantCulture)
            : throw new InvalidOperationException($"no key count in: {page}");

        int CountsLogged() => Regex.Count(ReadLog("db"), StatisticsDone);
    }

    /// <summary>SKS's own digest of the key with this primary fingerprint: 32 hex digits, upper case. Null when it has no such key.</summary>
    /// <param name="fingerprint">Hex without spaces. The fingerprint of a subkey finds nothing.</param>
    /// <exception cref="InvalidOperationException">There are several entries with this fingerprint.</exception>
    public async Task<string?> DigestOfAsync(string fingerprint, CancellationToken cancellationToken = default)
    {
        // clean=off: otherwise SKS shows, and hashes, a copy without the packets it cannot parse.
        var page = await GetAsync(
            $"/pks/lookup?op=index&hash=on&fingerprint=on&exact=on&clean=off&search=0x{fingerprint}", cancellationToken).ConfigureAwait(false);
        var digests = EntryPattern().Matches(page ?? "")
            .Where(entry => entry.Groups[2].Value.Replace(" ", "", StringComparison.Ordinal)
                .Equals(fingerprint, StringComparison.OrdinalIgnoreCase))
            .Select(entry => entry.Groups[1].Value)
            .ToList();
        return digests switch
        {
            [] => null,
            [var digest] => digest,
            _ => throw new InvalidOperationException($"{digests.Count} entries have the fingerprint {fingerprint}"),
        };
    }

    /// <summary>The digests of many keys, as <see cref="DigestOfAsync"/> says them. Keys it does not hold are left out.</summary>
    /// <remarks>
    /// Some hundred keys per second. When the result has <see cref="KeyCountAsync"/> entries, it is the complete set that SKS
    /// reconciles.
    /// </remarks>
    /// <returns>Fingerprint as given, without regard to case, to digest.</returns>
    public async Task<IReadOnlyDictionary<string, string>> DigestsAsync(
        IEnumerable<string> fingerprints, CancellationToken cancellationToken = default)
    {
        var digests = new ConcurrentDictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        await Parallel.ForEachAsync(
            fingerprints,
            new ParallelOptions { MaxDegreeOfParallelism = ParallelRequests, CancellationToken = cancellationToken },
            async (fingerprint, token) =>
            {
                if (await DigestOfAsync(fingerprint, token).ConfigureAwait(false) is { } digest)
                    digests[fingerprint] = digest;
            }).ConfigureAwait(false);
        return digests;
    }

    /// <summary>The page, or null for 404, which is SKS's "no keys found". Any other failure throws.</summary>
    private async Task<string?> GetAsync(string target, CancellationToken cancellationToken)
    {
        // Not a plain HttpClient: it keeps the connection for the next request, which SKS is about to close, and reports a reset now
        // and then (PooledConnectionLifetime = 0 prevents that). Nor any connection without a request: it stops SKS for everybody
        // until wserver_timeout, 180 seconds.
        var response = await RawHttp.ExchangeAsync(HkpEndPoint, $"GET {target} HTTP/1.0\r\n\r\n", null, cancellationToken).ConfigureAwait(false);
        return (response.StatusCode, response.IsComplete) switch
        {
            (200, true) => response.Text,
            (404, true) => null,
            _ => throw new InvalidOperationException($"SKS answered '{response.StatusLine}' to {target}: {response.Text}"),
        };
    }

    [GeneratedRegex("Total number of keys: ([0-9]+)")]
    private static partial Regex TotalPattern();

    [GeneratedRegex("Hash=<a [^>]*>([0-9A-F]{32})</a>\\s*Fingerprint=([0-9A-F ]+)")]
    private static partial Regex EntryPattern();
}
