using System.Diagnostics;

namespace Sks.LoadHarness.Sessions;

/// <summary>What has passed through a relay between two peers. For concurrent use.</summary>
internal sealed class RelayedSession
{
    private readonly Lock _lock = new();
    private readonly long _start = Stopwatch.GetTimestamp();
    private bool? _lastWasForward;

    /// <summary>From the acceptance of the initiator's connection to the last byte so far.</summary>
    public TimeSpan Duration { get; private set; }

    /// <summary>Time since the acceptance.</summary>
    public TimeSpan Age => Stopwatch.GetElapsedTime(_start);

    /// <summary>From the initiator to the responder.</summary>
    public long ForwardBytes { get; private set; }

    /// <summary>From the responder to the initiator.</summary>
    public long BackwardBytes { get; private set; }

    /// <summary>How often bytes of one side followed on bytes of the other: about twice the round trips.</summary>
    public int Turns { get; private set; }

    /// <summary>Notes bytes that one side has sent.</summary>
    public void Note(int bytes, bool isForward)
    {
        lock (_lock)
        {
            Duration = Age;
            if (isForward)
                ForwardBytes += bytes;
            else
                BackwardBytes += bytes;
            Turns += _lastWasForward == isForward ? 0 : 1;
            _lastWasForward = isForward;
        }
    }
}
