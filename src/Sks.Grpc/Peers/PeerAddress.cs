using System.Globalization;
using System.Net;
using System.Text;

namespace Sks.Grpc.Peers;

/// <summary>Where a peer is reached.</summary>
/// <param name="Host">A name or an IP address, without brackets.</param>
/// <param name="Port">From 1.</param>
internal readonly record struct PeerAddress(string Host, int Port)
{
    /// <summary>Most bytes of an address in UTF-8.</summary>
    public const int MaxBytes = 255;

    /// <summary>Most addresses of one node.</summary>
    public const int MaxCount = 8;

    /// <summary>Reads <c>HOST:PORT</c>, an IPv6 address in brackets.</summary>
    public static bool TryParse(string text, out PeerAddress address)
    {
        address = default;
        int colon = text.LastIndexOf(':');
        if (colon <= 0
            || !ushort.TryParse(text.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out ushort port)
            || port == 0
            || !TryParseHost(text[..colon], out string host)
            || Encoding.UTF8.GetByteCount(text) > MaxBytes)
        {
            return false;
        }

        address = new PeerAddress(host, port);
        return true;
    }

    /// <summary>Reads a host without a port, an IPv6 address in brackets.</summary>
    public static bool TryParseHost(string text, out string host)
    {
        bool inBrackets = text is ['[', .., ']'];
        host = inBrackets ? text[1..^1] : text;
        return Uri.CheckHostName(host) switch
        {
            UriHostNameType.IPv6 => inBrackets,
            UriHostNameType.IPv4 or UriHostNameType.Dns => !inBrackets,
            _ => false,
        };
    }

    /// <summary><c>HOST:PORT</c>, an IPv6 address in brackets.</summary>
    public override string ToString() => Host.Contains(':') ? $"[{Host}]:{Port}" : $"{Host}:{Port}";

    /// <summary>The address as that of sockets: an IP address is not resolved.</summary>
    public EndPoint ToEndPoint() => IPAddress.TryParse(Host, out IPAddress? address) ? new IPEndPoint(address, Port) : new DnsEndPoint(Host, Port);
}
