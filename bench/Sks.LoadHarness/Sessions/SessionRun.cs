using System.Globalization;
using System.Net;
using Sks.LoadHarness.Load;
using Sks.LoadHarness.Synthetic;

namespace Sks.LoadHarness.Sessions;

/// <summary>Makes two peers with equal sets differ, lets them reconcile, waits until they are equal again, and says how long that took.</summary>
/// <param name="Listen">Where the initiator believes the responder to be.</param>
/// <param name="Responder">Where the responder accepts peers.</param>
/// <param name="InitiatorHkp">HKP of the initiator.</param>
/// <param name="ResponderHkp">HKP of the responder.</param>
internal sealed record SessionRun(IPEndPoint Listen, IPEndPoint Responder, IPEndPoint InitiatorHkp, IPEndPoint ResponderHkp)
{
    // SKS takes a new certificate into its tree within five seconds, and fetches ten after a session.
    private static readonly TimeSpan Settling = TimeSpan.FromSeconds(8);

    /// <summary>Runs rounds one after the other.</summary>
    /// <param name="keyring">Makes certificates that neither has.</param>
    /// <param name="differences">How many certificates are to differ in each round: half of them new to one side, half to the other.</param>
    /// <returns>A line of names and values for each.</returns>
    public async IAsyncEnumerable<string> RunAsync(SyntheticKeyring keyring, IEnumerable<int> differences)
    {
        using var relay = new SessionRelay(Listen, Responder);
        using var initiator = new Keyserver(InitiatorHkp);
        using var responder = new Keyserver(ResponderHkp);
        int first = 0;
        foreach (int count in differences)
        {
            HkpRequests ours = Make(keyring, first, count / 2);
            HkpRequests theirs = Make(keyring, first + (count / 2), count - (count / 2));
            first += count;
            await relay.RefuseWhileAsync(() =>
            {
                initiator.Add(ours);
                responder.Add(theirs);
                return Task.Delay(Settling);
            }).ConfigureAwait(false);

            RelayedSession session = relay.RelayOne();
            TimeSpan initiatorEqual = default;
            TimeSpan equal = default;
            await relay.RefuseWhileAsync(async () =>
            {
                await initiator.WaitForAsync(theirs).ConfigureAwait(false);
                initiatorEqual = session.Age;
                await responder.WaitForAsync(ours).ConfigureAwait(false);
                equal = session.Age;
            }).ConfigureAwait(false);
            yield return string.Create(
                CultureInfo.InvariantCulture,
                $"differences={count} session_ms={session.Duration.TotalMilliseconds:F1} bytes={session.ForwardBytes + session.BackwardBytes} "
                + $"turns={session.Turns} initiator_equal_s={initiatorEqual.TotalSeconds:F2} equal_s={equal.TotalSeconds:F2}");
        }
    }

    private static HkpRequests Make(SyntheticKeyring keyring, int first, int count) =>
        new([.. Enumerable.Range(first, count).Select(number => (ReadOnlyMemory<byte>)keyring.Create(number))]);
}
