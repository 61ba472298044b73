using Sks.HkpAdapter.Http;

namespace Sks.HkpAdapter.Pages;

/// <summary>Says that something did not work, and what to do about it.</summary>
internal sealed class ProblemPage(HkpProblem problem) : Page
{
    public override string Title => problem.Title;

    public override void WriteBody(Markup html) => html.Add($"""
        <section class="card">
        <h1>{problem.Title}</h1>
        <p>{problem.Text}</p>
        <p class="soft">Status {problem.Status}</p>
        </section>

        """);
}
