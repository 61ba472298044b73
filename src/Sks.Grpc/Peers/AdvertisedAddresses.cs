using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;

namespace Sks.Grpc.Peers;

/// <summary>Works out where others are told to reach this node.</summary>
internal static class AdvertisedAddresses
{
    /// <summary>What the operator says, or else where it listens.</summary>
    /// <param name="advertise">Hosts, or <c>HOST:PORT</c>; found valid.</param>
    /// <param name="listening">Where it listens, with real ports.</param>
    /// <param name="machine">The machine's addresses.</param>
    /// <returns>HOST:PORT each, at most 8.</returns>
    public static IReadOnlyList<string> Find(IReadOnlyList<string> advertise, IReadOnlyList<IPEndPoint> listening, IReadOnlyList<IPAddress> machine)
    {
        IEnumerable<PeerAddress> addresses = advertise.Count > 0
            ? advertise.Select(text => Complete(text, listening))
            : listening.SelectMany(endPoint => Replace(endPoint, machine));
        return [.. addresses.Select(static address => address.ToString()).Distinct(StringComparer.OrdinalIgnoreCase).Take(PeerAddress.MaxCount)];
    }

    /// <summary>The machine's addresses that other machines may reach: neither of the loopback nor of one link alone.</summary>
    public static IReadOnlyList<IPAddress> ReadMachine() =>
    [
        .. NetworkInterface.GetAllNetworkInterfaces()
            .Where(static nic => nic.OperationalStatus is OperationalStatus.Up or OperationalStatus.Unknown)
            .SelectMany(static nic => nic.GetIPProperties().UnicastAddresses)
            .Select(static unicast => unicast.Address)
            .Where(static address => !IPAddress.IsLoopback(address) && !address.IsIPv6LinkLocal)
            .OrderBy(static address => address.AddressFamily),
    ];

    private static PeerAddress Complete(string text, IReadOnlyList<IPEndPoint> listening)
    {
        if (PeerAddress.TryParse(text, out PeerAddress address))
            return address;
        PeerAddress.TryParseHost(text, out string host);
        return new PeerAddress(host, listening[0].Port);
    }

    // Nobody can connect to "any address".
    private static IEnumerable<PeerAddress> Replace(IPEndPoint endPoint, IReadOnlyList<IPAddress> machine)
    {
        bool isAny = endPoint.Address.Equals(IPAddress.Any);
        if (!isAny && !endPoint.Address.Equals(IPAddress.IPv6Any))
            return [new PeerAddress(endPoint.Address.ToString(), endPoint.Port)];

        // A socket for any IPv6 address takes IPv4 as well.
        List<IPAddress> found = [.. machine.Where(address => !isAny || address.AddressFamily == AddressFamily.InterNetwork)];
        if (found.Count == 0)
            found.Add(isAny ? IPAddress.Loopback : IPAddress.IPv6Loopback);
        return found.Select(address => new PeerAddress(address.ToString(), endPoint.Port));
    }
}
