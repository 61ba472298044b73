using Sks.Node;
using Sks.Storage;

namespace Sks.Server.Hosting;

/// <summary>Says in the log how far clean views of a new policy are made. Silent when there is nothing to make.</summary>
internal static class ViewMigrationLog
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(30);

    /// <summary>Ends when the views are complete or the node closes.</summary>
    public static async Task RunAsync(KeyserverNode node, ILogger logger, TimeProvider time)
    {
        if (node.ViewsCompletion.IsCompleted)
            return;

        logger.ViewsBegun(node.GetStatistics().Certificates);
        while (!node.ViewsCompletion.IsCompleted)
        {
            try
            {
                await node.ViewsCompletion.WaitAsync(Interval, time);
            }
            catch (TimeoutException)
            {
                ViewMigrationProgress progress = node.GetStatistics().Migration;
                logger.ViewsProgress(progress.Done, progress.Total);
            }
            catch (OperationCanceledException)
            {
                return;
            }
        }

        logger.ViewsComplete(node.GetStatistics().ServedPolicy);
    }
}
