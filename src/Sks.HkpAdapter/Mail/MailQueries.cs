using System.IO.Pipelines;
using System.Text;
using Sks.HkpAdapter.Http;
using Sks.Node;

namespace Sks.HkpAdapter.Mail;

/// <summary>Answers the subjects <c>INDEX x</c>, <c>VERBOSE INDEX x</c> and <c>GET x</c> of PKS servers, out of clean views.</summary>
/// <remarks>An index is the one for machines, which no user ID can break out of.</remarks>
internal sealed class MailQueries(CertificateQuery query, TimeProvider time)
{
    private const int MaxTermLength = 256;
    private const int MaxAnswerBytes = 1024 * 1024;

    private static readonly string[] Verbs = ["verbose index ", "index ", "get "];

    private readonly CertificateSearch _search = new(query, new HkpOptions { WordSearch = false });

    /// <summary>The answer; null when the subject is no question.</summary>
    public async Task<string?> AnswerAsync(string subject)
    {
        string? verb = Verbs.FirstOrDefault(verb => subject.StartsWith(verb, StringComparison.OrdinalIgnoreCase));
        if (verb is null || subject.Length > MaxTermLength)
            return null;
        string term = Uri.EscapeDataString(subject[verb.Length..].Trim());
        LookupRequest request = LookupRequest.Parse("op=get&search=" + term);
        if (!_search.TryFind(SearchParser.Parse(term), request, ServedView.Clean, out IReadOnlyList<ServedCertificate>? found, out HkpProblem? problem))
            return problem.Text + "\n";
        if (found.Sum(static certificate => (long)certificate.View.Length) > MaxAnswerBytes)
            return HkpProblems.TooManyMatches.Text + "\n";
        return verb[0] == 'g' ? await ArmorAsync(found).ConfigureAwait(false) : Index(found);
    }

    private string Index(IReadOnlyList<ServedCertificate> found) =>
        Encoding.ASCII.GetString(MachineIndex.Write([.. found.Select(Show)]).Span);

    private IndexEntry Show(ServedCertificate served) => IndexEntry.Of(served, time.GetUtcNow(), new DesignatedRevokers(query));

    private static async Task<string> ArmorAsync(IReadOnlyList<ServedCertificate> found)
    {
        using var text = new MemoryStream();
        PipeWriter output = PipeWriter.Create(text, new StreamPipeWriterOptions(leaveOpen: true));
        await KeyMaterial.Of(found).WriteArmoredAsync(output).ConfigureAwait(false);
        await output.CompleteAsync().ConfigureAwait(false);
        return Encoding.ASCII.GetString(text.GetBuffer().AsSpan(0, (int)text.Length));
    }
}
