using System.Globalization;
using System.Text;

namespace Sks.TestSupport;

/// <summary>An HTTP response as it came over the wire.</summary>
/// <param name="StatusLine">Without its line end; empty when the connection ended before the end of the headers.</param>
/// <param name="Headers">Name and value in their order, names as sent, values trimmed.</param>
/// <param name="Body">Without transfer coding.</param>
/// <param name="IsComplete">Whether all came that the headers announce; without any announcement, all until the end of the connection.</param>
/// <param name="Received">Every byte received, from the status line on.</param>
public sealed record RawHttpResponse(
    string StatusLine, IReadOnlyList<(string Name, string Value)> Headers, byte[] Body, bool IsComplete, byte[] Received)
{
    /// <summary>The number in the status line; 0 when there is none.</summary>
    public int StatusCode =>
        StatusLine.Split(' ') is [_, var code, ..] && int.TryParse(code, NumberStyles.None, CultureInfo.InvariantCulture, out var status)
            ? status
            : 0;

    /// <summary>The body as UTF-8.</summary>
    public string Text => Encoding.UTF8.GetString(Body);

    /// <summary>The value of the only header with this name, without regard to case; null when there is none.</summary>
    /// <exception cref="InvalidOperationException">There are several.</exception>
    public string? Header(string name) =>
        Headers.SingleOrDefault(header => header.Name.Equals(name, StringComparison.OrdinalIgnoreCase)).Value;
}
