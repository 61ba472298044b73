using System.Net;
using System.Reflection;

namespace Sks.Server.Hosting;

/// <summary>What <c>run</c> prints when everything answers: where, and what to try next.</summary>
internal static class Banner
{
    public static IEnumerable<string> Lines(NodeHost host, string data, bool isDefaultData)
    {
        yield return $"sksd {Version}, an OpenPGP keyserver";
        yield return $"  data     {Path.GetFullPath(data)}, {host.Node.GetStatistics().Certificates} certificates";
        yield return $"  node     {host.Node.Restrictions.Origin}";
        yield return $"  hkp      {Urls("http", host.Hkp)}";
        if (host.SecureHkp.Count > 0)
            yield return $"  hkps     {Urls("https", host.SecureHkp)}";
        yield return $"  recon    {(host.Recon.Count == 0 ? "off" : string.Join(", ", host.Recon))}";
        yield return $"  grpc     {Urls("http", host.Grpc)}";
        yield return $"  peer     {Urls("https", host.Peer)}";
        yield return $"  metrics  {(host.Metrics.Count == 0 ? "off" : Urls("http", host.Metrics, "/metrics"))}";
        yield return "";
        yield return "Try next, in another terminal:";
        yield return $"  {Program} import{(isDefaultData ? "" : $" --data {data}")} KEYRING...";
        if (host.Hkp is [{ } address, ..])
            yield return $"  gpg --keyserver hkp://{address} --search-keys NAME";
        if (host.Hkp is [{ } plain, ..])
            yield return $"  curl 'http://{plain}/pks/lookup?op=index&options=mr&search=NAME'";
        yield return "Stop with Ctrl-C.";
    }

    private static string Version => typeof(Banner).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!
        .InformationalVersion.Split('+')[0];

    // As the user would type it here: the path of the executable unless it is on the PATH, or dotnet with ours.
    private static string Program
    {
        get
        {
            string executable = Environment.ProcessPath ?? "sksd";
            string prefix = "";
            if (Path.GetFileNameWithoutExtension(executable) == "dotnet")
            {
                prefix = "dotnet ";
                executable = Path.Combine(AppContext.BaseDirectory, "sksd.dll");
            }
            else if ((Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Contains(Path.GetDirectoryName(executable)))
            {
                return Path.GetFileName(executable);
            }

            string relative = Path.GetRelativePath(Environment.CurrentDirectory, executable);
            return prefix + (relative.StartsWith("..", StringComparison.Ordinal) ? executable : relative);
        }
    }

    private static string Urls(string scheme, IReadOnlyList<IPEndPoint> addresses, string path = "") =>
        addresses.Count == 0 ? "off" : string.Join(", ", addresses.Select(address => $"{scheme}://{address}{path}"));
}
