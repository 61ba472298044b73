using System.Net;
using System.Net.Sockets;

namespace Sks.Node;

/// <summary>Names clients, so that one cannot take the time that is meant for all.</summary>
public static class ClientAddress
{
    private const int Version6NetworkLength = 64;

    /// <summary>
    /// The name of who shares one budget: an IPv4 address, or the /64 network of an IPv6 address, which is what one subscriber has.
    /// </summary>
    /// <param name="address">The other end of the connection; null where there is none, such as on a Unix socket.</param>
    public static string Of(IPAddress? address)
    {
        if (address is null)
            return "";
        if (address.IsIPv4MappedToIPv6)
            address = address.MapToIPv4();
        if (address.AddressFamily != AddressFamily.InterNetworkV6)
            return address.ToString();
        byte[] bytes = address.GetAddressBytes();
        bytes.AsSpan(Version6NetworkLength / 8).Clear();
        return $"{new IPAddress(bytes)}/{Version6NetworkLength}";
    }
}
