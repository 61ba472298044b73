namespace Sks.HkpAdapter.Http;

/// <summary>Bounds the bytes that all request bodies take up together.</summary>
internal sealed class BodyBudget(long limit)
{
    private long _taken;

    /// <summary>Takes <paramref name="bytes"/>, or nothing when the limit would be passed.</summary>
    public bool TryTake(long bytes)
    {
        if (Interlocked.Add(ref _taken, bytes) <= limit)
            return true;
        Return(bytes);
        return false;
    }

    /// <summary>Gives back what was taken.</summary>
    public void Return(long bytes) => Interlocked.Add(ref _taken, -bytes);
}
