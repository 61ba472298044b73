using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Sks.HkpAdapter.Recon;

/// <summary>A server to reconcile with, as the operator named it.</summary>
/// <param name="Name">Host and port with a blank between them, as in SKS's membership file and statistics.</param>
/// <param name="Host">A name, or an address without brackets.</param>
/// <param name="Port">Its port of reconciliation, 1 to 65535.</param>
public sealed record ReconPeer(string Name, string Host, int Port)
{
    private const int MaxHostLength = 253;
    private const string DialectPrefix = "profile=";

    /// <summary>What it speaks; null to find out.</summary>
    public ReconDialect? Dialect { get; private init; }

    /// <summary>Reads <c>HOST:PORT</c>, an IPv6 address in brackets, and behind a semicolon <c>profile=NAME</c> or nothing.</summary>
    public static bool TryParse(string text, [NotNullWhen(true)] out ReconPeer? peer)
    {
        string[] words = text.Split(';');
        peer = null;
        return words.Length is 1 or 2
            && TryParseAddress(words[0], out ReconPeer? bare)
            && (peer = words.Length == 1 ? bare : bare.WithOption(words[1])) is not null;
    }

    /// <summary>Reads a word behind host and port.</summary>
    /// <returns>The peer with what the word says of it; null when it is no such word, or names a dialect that is not known.</returns>
    internal ReconPeer? WithOption(string word) =>
        word.StartsWith(DialectPrefix, StringComparison.Ordinal) && ReconDialect.TryFind(word[DialectPrefix.Length..], out ReconDialect? dialect)
            ? this with { Dialect = dialect }
            : null;

    private static bool TryParseAddress(string text, [NotNullWhen(true)] out ReconPeer? peer)
    {
        peer = null;
        int colon = text.LastIndexOf(':');
        return colon > 0
            && (text[0] == '[' || text.IndexOf(':', StringComparison.Ordinal) == colon)
            && TryCreate(text[..colon], text[(colon + 1)..], out peer);
    }

    /// <summary>Reads the two words of a line of a membership file.</summary>
    /// <param name="host">A name or an address; brackets around an IPv6 address are taken away.</param>
    /// <param name="port">A number, or the name of a service.</param>
    /// <param name="peer">What they name.</param>
    internal static bool TryCreate(string host, string port, [NotNullWhen(true)] out ReconPeer? peer)
    {
        peer = null;
        string bare = host is ['[', .. var inner, ']'] && IsVersion6(inner) ? inner : host;
        if (!IsHost(bare) || !TryReadPort(port, out int number))
            return false;
        peer = new ReconPeer($"{bare} {port}", bare, number);
        return true;
    }

    private static bool IsHost(string host) =>
        host.Length is > 0 and <= MaxHostLength
        && (IPAddress.TryParse(host, out _) || host.All(static letter => char.IsAsciiLetterOrDigit(letter) || letter is '.' or '-' or '_'));

    private static bool IsVersion6(string text) =>
        IPAddress.TryParse(text, out IPAddress? address) && address.AddressFamily == AddressFamily.InterNetworkV6;

    private static bool TryReadPort(string text, out int port) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out port)
            ? port is > 0 and <= IPEndPoint.MaxPort
            : ServiceNames.TryFind(text, out port);
}
