using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Net;

namespace Sks.Node;

/// <summary>Where a listener listens: <c>ADDR:PORT</c>, an IPv6 address in brackets, or <c>off</c>.</summary>
public static class ListenAddress
{
    /// <summary>The word that switches a listener off.</summary>
    public const string Off = "off";

    /// <summary>Reads <c>127.0.0.1:11371</c> or <c>[::1]:11371</c>. The port must be given; 0 picks a free one.</summary>
    public static bool TryParse(string text, [NotNullWhen(true)] out IPEndPoint? endPoint)
    {
        endPoint = null;
        int colon = text.LastIndexOf(':');
        if (colon <= 0 || !ushort.TryParse(text.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out ushort port))
            return false;

        ReadOnlySpan<char> host = text.AsSpan(0, colon);
        bool inBrackets = host is ['[', .., ']'];
        if (!IPAddress.TryParse(inBrackets ? host[1..^1] : host, out IPAddress? address)
            || inBrackets != (address.AddressFamily == System.Net.Sockets.AddressFamily.InterNetworkV6))
        {
            return false;
        }

        endPoint = new IPEndPoint(address, port);
        return true;
    }
}
