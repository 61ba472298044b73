using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Sks.Node;

/// <summary>Where others reach a server: <c>HOST:PORT</c>, the host a name or an address, IPv6 in brackets.</summary>
public static class HostAddress
{
    /// <summary>Most bytes of UTF-8 of all of it.</summary>
    public const int MaxBytes = 255;

    /// <summary>Reads <c>keys.example.org:11373</c>, <c>192.0.2.1:11373</c> or <c>[2001:db8::1]:11373</c>, also without the port.</summary>
    /// <param name="text">What to read.</param>
    /// <param name="host">Name or address, without brackets.</param>
    /// <param name="port">1 to 65535; null when there is none.</param>
    public static bool TryParse(string text, [NotNullWhen(true)] out string? host, out int? port)
    {
        (host, port) = (null, null);
        if (Encoding.UTF8.GetByteCount(text) > MaxBytes)
            return false;

        // The colons of an IPv6 address are behind its bracket's start, and those of nothing else are in a host.
        int colon = text.IndexOf(':', text.StartsWith('[') ? Math.Max(text.IndexOf(']', StringComparison.Ordinal), 0) : 0);
        string name = colon < 0 ? text : text[..colon];
        if (colon >= 0)
        {
            if (!ushort.TryParse(text.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out ushort number) || number == 0)
                return false;
            port = number;
        }

        if (name is ['[', .. var inner, ']'])
            host = IPAddress.TryParse(inner, out IPAddress? address) && address.AddressFamily == AddressFamily.InterNetworkV6 ? inner : null;
        else if (Uri.CheckHostName(name) is UriHostNameType.Dns or UriHostNameType.IPv4)
            host = name;
        return host is not null;
    }

    /// <summary>Whether the text is host and port.</summary>
    public static bool IsComplete(string text) => TryParse(text, out _, out int? port) && port is not null;
}
