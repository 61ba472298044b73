namespace Sks.HkpAdapter.Http;

/// <summary>What the statistics say about the server itself.</summary>
internal sealed record ServerFacts(string Hostname, string Nodename, string Version, string Contact, int HttpPort, int? ReconPort)
{
    /// <summary>Name of this software.</summary>
    public const string Software = "sksd";
}
