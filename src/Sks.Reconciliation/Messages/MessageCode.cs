namespace Sks.Reconciliation.Messages;

/// <summary>The first byte of a frame.</summary>
/// <remarks>8 and 9 ask a database that nobody has for long, 10 belongs to the handshake: none of them may occur in a session.</remarks>
internal enum MessageCode : byte
{
    PolynomialRequest = 0,
    FullRequest = 1,
    Elements = 2,
    FullElements = 3,
    SyncFail = 4,
    Done = 5,
    Flush = 6,
    Error = 7,
}
