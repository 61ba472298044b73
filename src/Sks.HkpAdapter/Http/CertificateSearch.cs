using System.Diagnostics.CodeAnalysis;
using Sks.Node;

namespace Sks.HkpAdapter.Http;

/// <summary>Finds the certificates that a search term means: the first of its readings that finds any counts.</summary>
internal sealed class CertificateSearch(CertificateQuery query, HkpOptions options)
{
    private const int NewestLegacyVersion = 4;

    /// <summary>Searches.</summary>
    /// <param name="term">What for.</param>
    /// <param name="request">Says whether only whole user IDs and addresses count, and in what form the answer is sent.</param>
    /// <param name="view">The view that is shown.</param>
    /// <param name="certificates">At least one certificate.</param>
    /// <param name="problem">Why there is none.</param>
    public bool TryFind(
        SearchTerm term,
        in LookupRequest request,
        ServedView view,
        [NotNullWhen(true)] out IReadOnlyList<ServedCertificate>? certificates,
        [NotNullWhen(false)] out HkpProblem? problem)
    {
        problem = Check(term);
        certificates = null;
        if (problem is not null)
            return false;

        foreach (CertificateSelector selector in Readings(term, request.IsExact))
        {
            QueryResult result = query.Find(selector, view);
            problem = result.Status switch
            {
                QueryStatus.TooManyMatches => HkpProblems.TooManyMatches,
                QueryStatus.TooCommonWords => HkpProblems.TooCommonWords,
                _ => problem,
            };
            certificates = request.IsBinary ? result.Certificates : WithoutNewVersions(result.Certificates);
            if (certificates.Count > 0)
                return true;
        }

        bool wordsAreRefused = term.Kind == SearchTermKind.Text && !request.IsExact && !options.WordSearch && !IsAddress(term);
        problem ??= wordsAreRefused ? HkpProblems.NoWordSearch : HkpProblems.NotFound;
        return false;
    }

    // Old clients choke on them: GnuPG 2.2 drops all certificates of an answer when one of them has a newer version.
    private static IReadOnlyList<ServedCertificate> WithoutNewVersions(IReadOnlyList<ServedCertificate> certificates)
    {
        foreach (ServedCertificate certificate in certificates)
        {
            if (certificate.Stored.Identity.Version > NewestLegacyVersion)
                return [.. certificates.Where(static c => c.Stored.Identity.Version <= NewestLegacyVersion)];
        }

        return certificates;
    }

    private static HkpProblem? Check(SearchTerm term) => term.Kind switch
    {
        SearchTermKind.Empty => HkpProblems.MissingSearch,
        SearchTermKind.TooLong => HkpProblems.SearchTooLong,
        SearchTermKind.ShortKeyId => HkpProblems.ShortKeyId,
        SearchTermKind.BadHex => HkpProblems.BadHex,
        _ => null,
    };

    private static bool IsAddress(SearchTerm term) => term.Identities.Any(static text => text.Contains('@', StringComparison.Ordinal));

    private IEnumerable<CertificateSelector> Readings(SearchTerm term, bool exact)
    {
        if (term.Kind == SearchTermKind.KeyId)
            yield return new CertificateSelector.ByKeyId(term.KeyId);
        if (term.Kind == SearchTermKind.Fingerprint)
            yield return new CertificateSelector.ByFingerprint(term.Fingerprint);

        bool byWords = !exact && options.WordSearch;
        if (byWords)
        {
            foreach (byte[] text in term.Texts)
                yield return new CertificateSelector.ByWords(text);
        }

        // Also behind a word search: an address whose words are all too common is still one address.
        if (!byWords || IsAddress(term))
        {
            foreach (string identity in term.Identities)
                yield return new CertificateSelector.ByIdentity(identity);
        }
    }
}
