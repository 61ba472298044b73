using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Sks.HkpAdapter;
using Sks.HkpAdapter.Recon;

namespace Sks.Server.Configuration.Sksconf;

/// <summary>Where an SKS server listens: addresses and ports are settings of their own there, and apply whether or not they are in the file.</summary>
internal sealed class SksconfListeners(Func<string, IReadOnlyList<IPAddress>> resolve)
{
    private const int HttpPort = 80;

    private List<IPAddress> _recon = Default();
    private List<IPAddress> _hkp = Default();
    private int _reconPort = 11370;
    private int _hkpPort = 11371;
    private bool _usesPort80;

    public void SetReconAddress(string value) => _recon = ReadAddresses(value);

    public void SetHkpAddress(string value) => _hkp = ReadAddresses(value);

    public void SetReconPort(string value) => _reconPort = ReadPort(value, IPEndPoint.MaxPort);

    public void SetHkpPort(string value) => _hkpPort = ReadPort(value, IPEndPoint.MaxPort);

    /// <summary>Sets both ports. What the file says of either of them later wins, as in SKS.</summary>
    public void SetBasePort(string value)
    {
        _reconPort = ReadPort(value, IPEndPoint.MaxPort - 1);
        _hkpPort = _reconPort + 1;
    }

    public void UsePort80() => _usesPort80 = true;

    /// <summary>Our settings.</summary>
    public IEnumerable<KeyValuePair<string, IReadOnlyList<string>>> Read()
    {
        int[] ports = _usesPort80 && _hkpPort != HttpPort ? [_hkpPort, HttpPort] : [_hkpPort];
        yield return new(
            $"{HkpOptions.Section}:{nameof(HkpOptions.Listen)}", [.. ports.SelectMany(port => _hkp.Select(address => Format(address, port)))]);
        yield return new($"{ReconOptions.Section}:{nameof(ReconOptions.Listen)}", [.. _recon.Select(address => Format(address, _reconPort))]);

        // The first of each family; a wildcard leaves the choice to the system.
        yield return new(
            $"{ReconOptions.Section}:{nameof(ReconOptions.SourceAddresses)}",
            [.. _recon.DistinctBy(static address => address.AddressFamily).Where(static address => !IsWildcard(address)).Select(static address => address.ToString())]);
    }

    private static List<IPAddress> Default() => Socket.OSSupportsIPv6 ? [IPAddress.Any, IPAddress.IPv6Any] : [IPAddress.Any];

    private static bool IsWildcard(IPAddress address) => address.Equals(IPAddress.Any) || address.Equals(IPAddress.IPv6Any);

    private static string Format(IPAddress address, int port) => new IPEndPoint(address, port).ToString();

    private static int ReadPort(string value, int max)
    {
        int port = int.Parse(SksconfValue.Number(value), CultureInfo.InvariantCulture);
        return port >= 0 && port <= max ? port : throw new FormatException($"'{value}' is not a port");
    }

    // Addresses or names with blanks between them.
    private List<IPAddress> ReadAddresses(string value)
    {
        List<IPAddress> addresses = [];
        foreach (string word in value.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries))
        {
            IReadOnlyList<IPAddress> found = IPAddress.TryParse(word, out IPAddress? address) ? [address] : resolve(word);
            if (found.Count == 0)
                throw new FormatException($"'{word}' is neither an address nor a name that resolves");
            addresses.AddRange(found);
        }

        return addresses.Count > 0 ? [.. addresses.Distinct()] : throw new FormatException("no address is given");
    }
}
