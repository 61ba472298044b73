namespace Sks.Storage;

/// <summary>How the writer answered a prepared change.</summary>
public enum CommitResult
{
    /// <summary>It is on disk.</summary>
    Committed,

    /// <summary>The certificate has changed since the change was worked out: read it again and work it out anew.</summary>
    Conflict,
}
