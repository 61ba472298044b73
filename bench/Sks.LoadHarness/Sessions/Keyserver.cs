using System.Diagnostics;
using System.Net;
using Sks.LoadHarness.Load;

namespace Sks.LoadHarness.Sessions;

/// <summary>One of the two peers, by its HKP.</summary>
internal sealed class Keyserver(IPEndPoint server) : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan BetweenLooks = TimeSpan.FromMilliseconds(20);

    private readonly HttpConnection _connection = new(server);

    /// <summary>Adds certificates, one after the other.</summary>
    /// <exception cref="InvalidDataException">One was not accepted.</exception>
    public void Add(HkpRequests certificates)
    {
        foreach (byte[] request in certificates.Adds())
        {
            if (_connection.Send(request).Status != (int)HttpStatusCode.OK)
                throw new InvalidDataException($"{server} does not accept a certificate.");
        }
    }

    /// <summary>Asks again and again until all of some certificates are served.</summary>
    /// <exception cref="TimeoutException">They never are.</exception>
    public async Task WaitForAsync(HkpRequests certificates)
    {
        long start = Stopwatch.GetTimestamp();
        foreach (byte[] request in certificates.Gets(closes: false))
        {
            while (_connection.Send(request).Status != (int)HttpStatusCode.OK)
            {
                if (Stopwatch.GetElapsedTime(start) > Patience)
                    throw new TimeoutException($"{server} does not get what its peer has.");
                await Task.Delay(BetweenLooks).ConfigureAwait(false);
            }
        }
    }

    public void Dispose() => _connection.Dispose();
}
