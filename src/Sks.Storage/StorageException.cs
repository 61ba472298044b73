namespace Sks.Storage;

/// <summary>What kind of trouble the store has.</summary>
public enum StorageErrorKind
{
    /// <summary>Another process has the store open.</summary>
    Locked,

    /// <summary>The store was written by a newer release, or is none of ours.</summary>
    UnknownFormat,

    /// <summary>No space, or a disk that cannot be written. Reading goes on; writing resumes when there is space again.</summary>
    NotWritable,

    /// <summary>What is stored contradicts itself.</summary>
    Corrupt,

    /// <summary>The store is closing.</summary>
    Closed,
}

/// <summary>The store cannot do what was asked.</summary>
public sealed class StorageException(StorageErrorKind kind, string message, Exception? innerException = null)
    : Exception(message, innerException)
{
    /// <summary>What kind of trouble it is.</summary>
    public StorageErrorKind Kind { get; } = kind;
}
