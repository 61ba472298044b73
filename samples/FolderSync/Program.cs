using FolderSync;
using Sks.Reconciliation;
using Sks.Reconciliation.Messages;
using Sks.Reconciliation.Sessions;

if (args is not [string firstPath, string secondPath] || !Directory.Exists(firstPath) || !Directory.Exists(secondPath))
{
    Console.Error.WriteLine("usage: FolderSync FOLDER FOLDER");
    return 2;
}

ContentFolder first = ContentFolder.Read(firstPath);
ContentFolder second = ContentFolder.Read(secondPath);

// All differences at once are welcome here.
SessionLimits limits = new() { MaxDifferences = int.MaxValue };
var asked = new InitiatorSession(first.Tree, limits);
var asking = new ResponderSession(second.Tree, limits);
while (!asked.IsEnded || !asking.IsEnded)
{
    // Over a network each of these would be written with MessageWriter and read with MessageReader.
    if (asking.TryTake(out ReconMessage? question))
        asked.Receive(question);
    else if (asked.TryTake(out ReconMessage? answer))
        asking.Receive(answer);
    else if (!asked.IsEnded && !asking.IsEnded)
        asking.Pause();
    else
        (asked.IsEnded ? (ReconciliationSession)asking : asked).Close(); // nothing more comes from the other
}

IReadOnlyList<Element> missingInFirst = asked.GetResult().RemoteOnly;
IReadOnlyList<Element> missingInSecond = asking.GetResult().RemoteOnly;
foreach (Element element in missingInFirst)
    first.Copy(second, element);
foreach (Element element in missingInSecond)
    second.Copy(first, element);
Console.WriteLine($"{missingInFirst.Count} copied to {firstPath}, {missingInSecond.Count} to {secondPath}");
return asked.GetResult().End == SessionEnd.Completed && asking.GetResult().End == SessionEnd.Completed ? 0 : 1;
