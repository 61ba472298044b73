using System.Text.RegularExpressions;

namespace Sks.HkpAdapter.Tests;

/// <summary>Checks pages: a strict reader of the HTML that this project writes.</summary>
public static partial class HtmlCheck
{
    private static readonly HashSet<string> Void = ["meta", "link", "input", "br", "hr", "img"];

    private static readonly HashSet<string> Known =
    [
        "html", "head", "meta", "title", "link", "style", "body", "header", "div", "a", "form", "input", "button", "main", "footer", "p", "h1",
        "h2", "h3", "section", "ul", "li", "dl", "dt", "dd", "table", "thead", "tbody", "tr", "th", "td", "span", "strong", "bdi", "label", "textarea",
    ];

    /// <summary>Every element is known, closed in order, with quoted attributes; no stray '&lt;', '&gt;' or '&amp;' in text.</summary>
    public static void IsWellFormed(string page)
    {
        Assert.StartsWith("<!DOCTYPE html>\n", page, StringComparison.Ordinal);
        page = StyleBody().Replace(page["<!DOCTYPE html>".Length..], "<style></style>");
        Stack<string> open = new();
        int at = 0;
        foreach (Match tag in Tag().Matches(page))
        {
            Text(page[at..tag.Index]);
            at = tag.Index + tag.Length;
            string name = tag.Groups["name"].Value;
            Assert.Contains(name, Known);
            if (tag.Groups["end"].Success)
                Assert.Equal(name, open.Pop());
            else if (!Void.Contains(name))
                open.Push(name);
            Attributes(tag.Groups["attributes"].Value);
        }

        Text(page[at..]);
        Assert.Empty(open);
    }

    private static void Text(string text)
    {
        Assert.DoesNotContain('<', text);
        Assert.DoesNotContain('>', text);
        Assert.DoesNotContain("&", Entity().Replace(text, ""), StringComparison.Ordinal);
    }

    private static void Attributes(string attributes) => Assert.Equal("", Attribute().Replace(attributes, "").Trim());

    [GeneratedRegex("<style>.*?</style>", RegexOptions.Singleline)]
    private static partial Regex StyleBody();

    [GeneratedRegex("<(?<end>/)?(?<name>[a-z][a-z0-9]*)(?<attributes>(\\s[^<>]*)?)>")]
    private static partial Regex Tag();

    [GeneratedRegex("\\s[a-z-]+(=\"[^\"<>]*\")?(?=\\s|$)")]
    private static partial Regex Attribute();

    [GeneratedRegex("&(amp|lt|gt|quot|#x[0-9A-F]+);")]
    private static partial Regex Entity();
}
